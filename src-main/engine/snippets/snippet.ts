import type { Snippet } from '../../../src-shared/model/snippet.ts'
import type { SnippetLanguageId } from '../../../src-shared/model/snippet-languages.ts'
import { AppError } from '../../../src-shared/errors.ts'
import type { Provider } from '../providers/provider.ts'
import { csharp } from './csharp.ts'
import { go } from './go.ts'
import { java } from './java.ts'
import type { SnippetLanguage } from './lines.ts'
import { node } from './node.ts'
import { php } from './php.ts'
import { python } from './python.ts'
import { ruby } from './ruby.ts'
import { verificationOf } from './verification.ts'

const languages: Readonly<Record<SnippetLanguageId, SnippetLanguage>> = {
  node,
  python,
  php,
  ruby,
  go,
  java,
  csharp,
}

/**
 * A file's name as a word of a command line, which also stands in a comment of the program: null for one that could
 * end that comment or be an option.
 */
function commandWord(fileName: string): string | null {
  if (/^\w[\w.-]*$/.test(fileName)) return fileName
  return /^[\p{L}\p{N}_][\p{L}\p{N} _.,+=@()-]*$/u.test(fileName) ? `'${fileName}'` : null
}

/**
 * A whole receiver in one file that answers 200 to what the provider signed and 401 to everything else; its function
 * that checks a request is made to be taken into other code. The secret comes from the environment, never from the file.
 * @param wanted the file's name; one under which it wouldn't run gives way to the language's own
 * @throws AppError `conflict` for a scheme that snippets can't write down
 */
export function receiverSnippet(provider: Provider, id: SnippetLanguageId, wanted?: string): Snippet {
  const { scheme, name } = provider
  const verification = verificationOf(scheme)
  if (verification === null)
    throw new AppError('conflict', { message: `There is no receiver code for the signatures of ${name}.` })
  const language = languages[id]
  const isUsable = wanted !== undefined && language.fileNames.test(wanted) && commandWord(wanted) !== null
  const fileName = isUsable ? wanted : language.fileName
  const run = language.run(commandWord(fileName) ?? fileName)
  const code = language.write({
    provider: name,
    verification,
    deliveryId: scheme.id_header ?? scheme.id_path ?? null,
    run,
  })
  return {
    provider: provider.id,
    language: id,
    file_name: fileName,
    run: `WEBHOOK_SECRET=... ${run}`,
    code,
  }
}
