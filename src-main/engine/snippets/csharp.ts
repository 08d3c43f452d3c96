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

export const csharp: SnippetLanguage = {
  fileName: 'Receiver.cs',
  fileNames: /\.cs$/,
  run: (file) => `dotnet run ${file}`,
  needs: '.NET 10 or newer, or before that a project of `dotnet new console`',
  write,
}

function write(subject: SnippetSubject): string {
  const { verification } = subject
  const isHmac = verification.kind === 'hmac'
  return program(
    about(subject, csharp.needs).map((line) => `// ${line}`.trimEnd()),
    '// HttpListener answers only what is sent to the host 127.0.0.1: a proxy must set that Host.',
    '',
    namespacesOf(subject).map((name) => `using ${name};`),
    '',
    'static class Receiver',
    '{',
    `    const int MaxBodyBytes = ${maxBodyMebibytes} * 1024 * 1024;`,
    checksAge(verification) && `    const long ToleranceSeconds = ${verification.toleranceSeconds};`,
    '',
    isHmac ? hmac(verification) : sharedSecret(verification),
    '',
    readsJson(verification) && [...textField, ''],
    '    static void Main()',
    '    {',
    '        var secret = Environment.GetEnvironmentVariable("WEBHOOK_SECRET") ?? "";',
    isHmac && keyLines(verification),
    `        if (${isHmac ? 'key' : 'secret'}.Length == 0)`,
    '        {',
    '            Console.Error.WriteLine("Set WEBHOOK_SECRET to the signing secret");',
    '            Environment.Exit(1);',
    '        }',
    '        var listener = new HttpListener();',
    '        var port = Environment.GetEnvironmentVariable("PORT") ?? "3000";',
    '        var address = "http://127.0.0.1:" + port + "/";',
    '        listener.Prefixes.Add(address);',
    '        listener.Start();',
    '        Console.WriteLine("listening on " + address);',
    '        while (true)',
    '        {',
    '            var context = listener.GetContext();',
    `            new Thread(() => Receive(context, ${isHmac ? 'key' : 'secret'})).Start();`,
    '        }',
    '    }',
    '',
    receive(subject),
    '',
    ...readBody,
    '}',
  )
}

function receive(subject: SnippetSubject): (string | false)[] {
  const isHmac = subject.verification.kind === 'hmac'
  return [
    `    static void Receive(HttpListenerContext context, ${isHmac ? 'byte[] key' : 'string secret'})`,
    '    {',
    '        try',
    '        {',
    '            var body = ReadBody(context.Request.InputStream);',
    '            var fits = body.Length <= MaxBodyBytes;',
    isHmac && '            var headers = context.Request.Headers;',
    `            var authentic = fits && IsAuthentic(${isHmac ? 'headers, body, key' : 'body, secret'});`,
    '            if (authentic)',
    '            {',
    ...workHere(subject).map((line) => `                // ${line}`),
    '            }',
    '            Console.WriteLine((authentic ? "accepted " : "refused ") + body.Length + " bytes");',
    '            context.Response.StatusCode = authentic ? 200 : fits ? 401 : 413;',
    '            context.Response.KeepAlive = fits;',
    '            context.Response.Close();',
    '        }',
    '        catch (Exception broken)',
    '        {',
    '            Console.Error.WriteLine("No answer: " + broken.Message);',
    '            context.Response.Abort();',
    '        }',
    '    }',
  ]
}

const readBody = [
  '    /// <summary>The bytes as they arrived; where there are too many, not all of them.</summary>',
  '    static byte[] ReadBody(Stream input)',
  '    {',
  '        var body = new MemoryStream();',
  '        var part = new byte[65536];',
  '        int count;',
  '        do',
  '        {',
  '            count = input.Read(part, 0, part.Length);',
  '            body.Write(part, 0, count);',
  '        }',
  '        while (count > 0 && body.Length <= MaxBodyBytes);',
  '        return body.ToArray();',
  '    }',
]

function namespacesOf({ verification }: SnippetSubject): string[] {
  const names = [
    'System',
    'System.IO',
    'System.Net',
    'System.Security.Cryptography',
    'System.Text',
    'System.Threading',
  ]
  if (verification.kind === 'hmac') {
    const { shape } = verification
    names.push('System.Collections.Specialized')
    if (shape.kind === 'fields') names.push('System.Collections.Generic')
    if (checksAge(verification)) names.push('System.Globalization')
  }
  if (readsJson(verification)) names.push('System.Runtime.Serialization.Json', 'System.Xml')
  return names.sort()
}

function keyLines({ base64Secret }: HmacVerification): string[] {
  if (base64Secret === null) return ['        var key = Encoding.UTF8.GetBytes(secret);']
  const { prefix } = base64Secret
  return [
    `        var hasPrefix = secret.StartsWith("${prefix}");`,
    `        var key = Convert.FromBase64String(hasPrefix ? secret.Substring(${prefix.length}) : secret);`,
  ]
}

function hmac(verification: HmacVerification): (string | false)[] {
  const { header, timestampHeader, idHeader, shape, prefix, before, algorithm, encoding, timestampField } =
    verification
  const content = before.length === 0 ? 'body' : 'content'
  const encoded =
    encoding === 'hex'
      ? 'BitConverter.ToString(digest).Replace("-", "").ToLowerInvariant()'
      : 'Convert.ToBase64String(digest)'
  const isSigned = shape.kind === 'whole' ? 'IsEqual(signature, expected)' : 'isSigned'
  return [
    '    /// <param name="body">the bytes as they arrived, before anything parses them</param>',
    '    static bool IsAuthentic(NameValueCollection headers, byte[] body, byte[] key)',
    '    {',
    shape.kind === 'whole' && `        var signature = headers["${header}"] ?? "";`,
    shape.kind === 'several' &&
      `        var signatures = (headers["${header}"] ?? "").Split('${shape.separator}');`,
    ...(shape.kind === 'fields'
      ? [
          '        var timestamp = "";',
          '        var signatures = new List<string>();',
          `        foreach (var part in (headers["${header}"] ?? "").Split('${shape.separator}'))`,
          '        {',
          '            var field = part.Trim();',
          `            var isTime = timestamp == "" && field.StartsWith("${shape.timestampPrefix}");`,
          `            if (isTime) timestamp = field.Substring(${shape.timestampPrefix.length});`,
          `            else if (field.StartsWith("${prefix}")) signatures.Add(field);`,
          '        }',
        ]
      : []),
    timestampHeader !== null && `        var timestamp = headers["${timestampHeader}"] ?? "";`,
    idHeader !== null && `        var id = headers["${idHeader}"] ?? "";`,
    ...(hasHeaderTimestamp(verification)
      ? [
          '        long sentAt;',
          '        var invariant = CultureInfo.InvariantCulture;',
          '        if (!long.TryParse(timestamp, NumberStyles.None, invariant, out sentAt)) return false;',
          '        if (!IsRecent(sentAt)) return false;',
        ]
      : []),
    ...(before.length === 0
      ? []
      : [
          `        var before = Encoding.UTF8.GetBytes(${summed(before)});`,
          '        var content = new byte[before.Length + body.Length];',
          '        before.CopyTo(content, 0);',
          '        body.CopyTo(content, before.Length);',
        ]),
    '        byte[] digest;',
    `        using (var mac = new HMAC${algorithm.toUpperCase()}(key)) digest = mac.ComputeHash(${content});`,
    `        var encoded = ${encoded};`,
    prefix === '' ? '        var expected = encoded;' : `        var expected = "${prefix}" + encoded;`,
    ...(shape.kind === 'whole'
      ? []
      : [
          '        var isSigned = false;',
          '        foreach (var signature in signatures) isSigned |= IsEqual(signature, expected);',
        ]),
    ...(timestampField === null
      ? [`        return ${isSigned};`]
      : [
          `        if (!${isSigned}) return false;`,
          '        // An old request that is sent again is refused by the time in its signed body.',
          '        DateTimeOffset sentAt;',
          `        var text = TextField(body, "${timestampField}");`,
          '        var invariant = CultureInfo.InvariantCulture;',
          '        return DateTimeOffset.TryParse(text, invariant, DateTimeStyles.AssumeUniversal, out sentAt)',
          '            && IsRecent(sentAt.ToUnixTimeSeconds());',
        ]),
    '    }',
    ...(checksAge(verification)
      ? [
          '',
          '    static bool IsRecent(long sentAt)',
          '    {',
          '        return Math.Abs(DateTimeOffset.UtcNow.ToUnixTimeSeconds() - sentAt) <= ToleranceSeconds;',
          '    }',
        ]
      : []),
    '',
    ...isEqual,
  ]
}

const isEqual = [
  '    static bool IsEqual(string left, string right)',
  '    {',
  '        var a = Encoding.UTF8.GetBytes(left);',
  '        return CryptographicOperations.FixedTimeEquals(a, Encoding.UTF8.GetBytes(right));',
  '    }',
]

function sharedSecret({ field }: SharedSecretVerification): string[] {
  return [
    '    static bool IsAuthentic(byte[] body, string secret)',
    '    {',
    `        var given = TextField(body, "${field}");`,
    '        return given != null && IsEqual(given, secret);',
    '    }',
    '',
    ...isEqual,
  ]
}

const textField = [
  '    /// <summary>The text of a field of a JSON object, or null.</summary>',
  '    static string TextField(byte[] body, string name)',
  '    {',
  '        var quotas = new XmlDictionaryReaderQuotas();',
  '        XmlDictionaryReaderQuotas.Max.CopyTo(quotas);',
  '        quotas.MaxDepth = 500;',
  '        string found = null;',
  '        try',
  '        {',
  '            using (var reader = JsonReaderWriterFactory.CreateJsonReader(body, quotas))',
  '            {',
  '                while (reader.Read())',
  '                {',
  '                    if (reader.Depth != 1 || !reader.IsStartElement(name)) continue;',
  '                    var isText = reader.GetAttribute("type") == "string";',
  '                    found = isText ? reader.ReadElementContentAsString() : null;',
  '                }',
  '            }',
  '        }',
  '        catch (Exception) // not JSON: readers differ in what they throw',
  '        {',
  '            return null;',
  '        }',
  '        return found;',
  '    }',
]
