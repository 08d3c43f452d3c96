import {
  about,
  checksAge,
  hasHeaderTimestamp,
  interpolated,
  maxBodyMebibytes,
  program,
  readsJson,
  workHere,
  type SnippetLanguage,
  type SnippetSubject,
} from './lines.ts'
import type { HmacVerification, SharedSecretVerification } from './verification.ts'

export const ruby: SnippetLanguage = {
  fileName: 'receiver.rb',
  fileNames: /./,
  run: (file) => `ruby ${file}`,
  needs: 'Ruby 3 and its web server: gem install webrick',
  write,
}

function write(subject: SnippetSubject): string {
  const { verification } = subject
  const isHmac = verification.kind === 'hmac'
  return program(
    about(subject, ruby.needs).map((line) => `# ${line}`.trimEnd()),
    '',
    readsJson(verification) && "require 'json'",
    "require 'openssl'",
    isHmac && verification.timestampField !== null && "require 'time'",
    "require 'webrick'",
    '',
    '# Bytes, whatever the locale is.',
    "SECRET = ENV.fetch('WEBHOOK_SECRET', '').b",
    isHmac && keyLine(verification),
    `abort 'Set WEBHOOK_SECRET to the signing secret' if ${isHmac ? 'KEY' : 'SECRET'}.empty?`,
    `MAX_BODY_BYTES = ${maxBodyMebibytes} * 1024 * 1024`,
    checksAge(verification) && `TOLERANCE_SECONDS = ${verification.toleranceSeconds}`,
    '',
    isHmac ? hmac(verification) : sharedSecret(verification),
    '',
    'class Receiver < WEBrick::HTTPServlet::AbstractServlet',
    '  def service(request, response)',
    "    body = ''.b",
    '    request.body do |part|',
    '      body << part',
    '      raise WEBrick::HTTPStatus::RequestEntityTooLarge if body.bytesize > MAX_BODY_BYTES',
    '    end',
    `    unless authentic?(${isHmac ? 'request, ' : ''}body)`,
    '      puts "refused #{body.bytesize} bytes"',
    '      response.status = 401',
    '      return',
    '    end',
    workHere(subject).map((line) => `    # ${line}`),
    '    puts "accepted #{body.bytesize} bytes"',
    '    response.status = 200',
    '  end',
    'end',
    '',
    'if __FILE__ == $PROGRAM_NAME',
    '  $stdout.sync = true',
    "  port = Integer(ENV.fetch('PORT', '3000'))",
    '  server = WEBrick::HTTPServer.new(',
    "    BindAddress: '127.0.0.1',",
    '    Port: port,',
    '    AccessLog: [],',
    '    Logger: WEBrick::Log.new($stderr, WEBrick::Log::WARN)',
    '  )',
    "  server.mount('/', Receiver)",
    '  %w[INT TERM].each { |signal| trap(signal) { server.shutdown } }',
    '  puts "listening on http://127.0.0.1:#{port}"',
    '  server.start',
    'end',
  )
}

function keyLine({ base64Secret }: HmacVerification): string {
  if (base64Secret === null) return 'KEY = SECRET'
  return `KEY = SECRET.delete_prefix('${base64Secret.prefix}').unpack1('m0')`
}

function hmac(verification: HmacVerification): (string | false)[] {
  const { header, timestampHeader, idHeader, shape, prefix, before, algorithm, encoding, timestampField } =
    verification
  const read = (name: string): string => `headers['${name}'].to_s`
  const text = interpolated(before, (name) => `#{${name}}`)
  const signed = text === '' ? 'body' : 'content'
  const args = `('${algorithm}', KEY, ${signed})`
  const mac =
    encoding === 'hex' ? `OpenSSL::HMAC.hexdigest${args}` : `[OpenSSL::HMAC.digest${args}].pack('m0')`
  const compared = 'OpenSSL.secure_compare(signature, expected)'
  const isIn = shape.kind === 'whole' ? compared : `signatures.map { |signature| ${compared} }.any?`
  return [
    '# body: the bytes as they arrived, before anything parses them',
    'def authentic?(headers, body)',
    shape.kind === 'whole' && `  signature = ${read(header)}`,
    shape.kind === 'several' && `  signatures = ${read(header)}.split('${shape.separator}')`,
    ...(shape.kind === 'fields'
      ? [
          `  fields = ${read(header)}.split('${shape.separator}').map(&:strip)`,
          `  dated = fields.find { |field| field.start_with?('${shape.timestampPrefix}') }.to_s`,
          `  timestamp = dated.delete_prefix('${shape.timestampPrefix}')`,
          `  signatures = fields.select { |field| field.start_with?('${prefix}') }`,
        ]
      : []),
    timestampHeader !== null && `  timestamp = ${read(timestampHeader)}`,
    idHeader !== null && `  id = ${read(idHeader)}`,
    ...(hasHeaderTimestamp(verification)
      ? [
          '  return false unless timestamp.match?(/\\A[0-9]{1,15}\\z/)',
          '  return false if (Time.now.to_i - timestamp.to_i).abs > TOLERANCE_SECONDS',
          '',
        ]
      : []),
    text !== '' && `  content = "${text}".b + body.b`,
    `  expected = ${prefix === '' ? '' : `'${prefix}' + `}${mac}`,
    ...(timestampField === null
      ? [`  ${isIn}`]
      : [
          `  return false unless ${isIn}`,
          '',
          '  # An old request that is sent again is refused by the time in its signed body.',
          `  sent_at = Time.iso8601(JSON.parse(body).fetch('${timestampField}'))`,
          '  (Time.now - sent_at).abs <= TOLERANCE_SECONDS',
          'rescue JSON::ParserError, ArgumentError, KeyError, NoMethodError, TypeError',
          '  false',
        ]),
    'end',
  ]
}

function sharedSecret({ field }: SharedSecretVerification): string[] {
  return [
    'def authentic?(body)',
    `  given = JSON.parse(body).fetch('${field}')`,
    '  given.is_a?(String) && OpenSSL.secure_compare(given.b, SECRET)',
    'rescue JSON::ParserError, KeyError, NoMethodError, TypeError',
    '  false',
    'end',
  ]
}
