import {
  about,
  checksAge,
  hasHeaderTimestamp,
  maxBodyMebibytes,
  program,
  readsJson,
  summed,
  workHere,
  type SnippetLanguage,
  type SnippetSubject,
} from './lines.ts'
import type { HmacVerification, SharedSecretVerification } from './verification.ts'

export const go: SnippetLanguage = {
  fileName: 'receiver.go',
  fileNames: /(?<!_test)\.go$/,
  run: (file) => `go run ${file}`,
  needs: 'Go 1.18 or newer, and nothing else',
  write,
}

function write(subject: SnippetSubject): string {
  const { verification } = subject
  const isHmac = verification.kind === 'hmac'
  const isBase64 = isHmac && verification.base64Secret !== null
  return program(
    about(subject, go.needs).map((line) => `// ${line}`.replace(/^\/\/ {5}/, '//\t').trimEnd()),
    'package main',
    '',
    'import (',
    importsOf(subject).map((name) => `\t"${name}"`),
    ')',
    '',
    `const maxBodyBytes = ${maxBodyMebibytes} << 20`,
    checksAge(verification) && `const toleranceSeconds = ${verification.toleranceSeconds}`,
    '',
    isHmac ? hmac(verification) : sharedSecret(verification),
    '',
    'func main() {',
    '\tsecret := os.Getenv("WEBHOOK_SECRET")',
    isHmac && keyLine(verification),
    isBase64 ? '\tif err != nil || len(key) == 0 {' : '\tif secret == "" {',
    '\t\tlog.Fatal("Set WEBHOOK_SECRET to the signing secret")',
    '\t}',
    '\tport := os.Getenv("PORT")',
    '\tif port == "" {',
    '\t\tport = "3000"',
    '\t}',
    '\treceive := func(response http.ResponseWriter, request *http.Request) {',
    '\t\tbody, err := io.ReadAll(http.MaxBytesReader(response, request.Body, maxBodyBytes))',
    '\t\tif err != nil && len(body) == maxBodyBytes {',
    '\t\t\tresponse.WriteHeader(http.StatusRequestEntityTooLarge)',
    '\t\t\treturn',
    '\t\t}',
    '\t\tif err != nil { // malformed, or too slow',
    '\t\t\tresponse.WriteHeader(http.StatusBadRequest)',
    '\t\t\treturn',
    '\t\t}',
    `\t\tif !isAuthentic(${isHmac ? `request.Header, body, ${isBase64 ? 'key' : '[]byte(secret)'}` : 'body, secret'}) {`,
    '\t\t\tlog.Printf("refused %d bytes", len(body))',
    '\t\t\tresponse.WriteHeader(http.StatusUnauthorized)',
    '\t\t\treturn',
    '\t\t}',
    workHere(subject).map((line) => `\t\t// ${line}`),
    '\t\tlog.Printf("accepted %d bytes", len(body))',
    '\t\tresponse.WriteHeader(http.StatusOK)',
    '\t}',
    '\tlog.Printf("listening on http://127.0.0.1:%s", port)',
    '\tserver := http.Server{',
    '\t\tAddr:              "127.0.0.1:" + port,',
    '\t\tHandler:           http.HandlerFunc(receive),',
    '\t\tReadHeaderTimeout: 10 * time.Second,',
    '\t\tReadTimeout:       60 * time.Second,',
    '\t}',
    '\tlog.Fatal(server.ListenAndServe())',
    '}',
  )
}

/** Go refuses imports that are not used. */
function importsOf({ verification }: SnippetSubject): string[] {
  const names = ['io', 'log', 'net/http', 'os', 'time', 'crypto/hmac']
  if (readsJson(verification)) names.push('encoding/json')
  if (verification.kind === 'hmac') {
    const { algorithm, encoding, base64Secret, shape } = verification
    names.push({ sha1: 'crypto/sha1', sha256: 'crypto/sha256', sha512: 'crypto/sha512' }[algorithm])
    names.push(encoding === 'hex' ? 'encoding/hex' : 'encoding/base64')
    if (base64Secret !== null) names.push('encoding/base64')
    if (base64Secret !== null || shape.kind !== 'whole') names.push('strings')
    if (hasHeaderTimestamp(verification)) names.push('strconv')
  }
  return [...new Set(names)].sort()
}

function keyLine({ base64Secret }: HmacVerification): string | false {
  if (base64Secret === null) return false
  return `\tkey, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(secret, "${base64Secret.prefix}"))`
}

const hashes = { sha1: 'sha1.New', sha256: 'sha256.New', sha512: 'sha512.New' }

function hmac(verification: HmacVerification): (string | false)[] {
  const { header, timestampHeader, idHeader, shape, prefix, before, algorithm, encoding, timestampField } =
    verification
  const read = (name: string): string => `header.Get("${name}")`
  const digest =
    encoding === 'hex'
      ? 'hex.EncodeToString(mac.Sum(nil))'
      : 'base64.StdEncoding.EncodeToString(mac.Sum(nil))'
  const isSigned = shape.kind === 'whole' ? 'hmac.Equal([]byte(signature), []byte(expected))' : 'isSigned'
  return [
    '// isAuthentic takes the body as the bytes that arrived, before anything parses them.',
    'func isAuthentic(header http.Header, body, key []byte) bool {',
    shape.kind === 'whole' && `\tsignature := ${read(header)}`,
    shape.kind === 'several' && `\tsignatures := strings.Split(${read(header)}, "${shape.separator}")`,
    ...(shape.kind === 'fields'
      ? [
          '\ttimestamp := ""',
          '\tvar signatures []string',
          `\tfor _, field := range strings.Split(${read(header)}, "${shape.separator}") {`,
          '\t\tfield = strings.TrimSpace(field)',
          `\t\tif timestamp == "" && strings.HasPrefix(field, "${shape.timestampPrefix}") {`,
          `\t\t\ttimestamp = strings.TrimPrefix(field, "${shape.timestampPrefix}")`,
          `\t\t} else if strings.HasPrefix(field, "${prefix}") {`,
          '\t\t\tsignatures = append(signatures, field)',
          '\t\t}',
          '\t}',
        ]
      : []),
    timestampHeader !== null && `\ttimestamp := ${read(timestampHeader)}`,
    idHeader !== null && `\tid := ${read(idHeader)}`,
    ...(hasHeaderTimestamp(verification)
      ? [
          '\tsentAt, err := strconv.ParseUint(timestamp, 10, 50)',
          '\tif err != nil || !isRecent(int64(sentAt)) {',
          '\t\treturn false',
          '\t}',
        ]
      : []),
    `\tmac := hmac.New(${hashes[algorithm]}, key)`,
    before.length > 0 && `\tmac.Write([]byte(${summed(before)}))`,
    '\tmac.Write(body)',
    `\texpected := ${prefix === '' ? '' : `"${prefix}" + `}${digest}`,
    ...(shape.kind === 'whole'
      ? []
      : [
          '\tisSigned := false',
          '\tfor _, signature := range signatures {',
          '\t\tisSigned = hmac.Equal([]byte(signature), []byte(expected)) || isSigned',
          '\t}',
        ]),
    ...(timestampField === null
      ? [`\treturn ${isSigned}`]
      : [
          `\tif !${isSigned} {`,
          '\t\treturn false',
          '\t}',
          '\t// An old request that is sent again is refused by the time in its signed body.',
          '\tvar payload struct {',
          `\t\tSentAt time.Time \`json:"${timestampField}"\``,
          '\t}',
          '\tif json.Unmarshal(body, &payload) != nil {',
          '\t\treturn false',
          '\t}',
          '\treturn isRecent(payload.SentAt.Unix())',
        ]),
    '}',
    ...(checksAge(verification)
      ? [
          '',
          'func isRecent(sentAt int64) bool {',
          '\tage := time.Now().Unix() - sentAt',
          '\treturn age <= toleranceSeconds && -age <= toleranceSeconds',
          '}',
        ]
      : []),
  ]
}

function sharedSecret({ field }: SharedSecretVerification): string[] {
  return [
    'func isAuthentic(body []byte, secret string) bool {',
    '\tvar payload struct {',
    `\t\tSecret string \`json:"${field}"\``,
    '\t}',
    '\tif json.Unmarshal(body, &payload) != nil {',
    '\t\treturn false',
    '\t}',
    '\treturn hmac.Equal([]byte(payload.Secret), []byte(secret))',
    '}',
  ]
}
