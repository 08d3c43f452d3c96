import type { Snippet, SnippetLanguageId } from '../../../src-shared/model/snippet.ts'
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
 * A whole receiver in one file that answers 200 to what the provider signed and 401 to everything else; its function
 * that checks a request is made to be taken into other code. The secret comes from the environment, never from the file.
 * @throws AppError `conflict` for a scheme that snippets can't write down
 */
export function receiverSnippet(provider: Provider, id: SnippetLanguageId): Snippet {
  const { scheme, name } = provider
  const verification = verificationOf(scheme)
  if (verification === null)
    throw new AppError('conflict', { message: `There is no receiver code for the signatures of ${name}.` })
  const language = languages[id]
  const code = language.write({
    provider: name,
    verification,
    deliveryId: scheme.id_header ?? scheme.id_path ?? null,
  })
  return {
    provider: provider.id,
    language: id,
    file_name: language.fileName,
    run: `WEBHOOK_SECRET=... ${language.run}`,
    code,
  }
}
