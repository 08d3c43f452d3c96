import { z } from 'zod'
import { snippetLanguages } from './snippet-languages.ts'

export const snippetLanguageSchema = z.enum(snippetLanguages)

export const snippetSchema = z.object({
  provider: z.string(),
  language: snippetLanguageSchema,
  /** As the language wants its files called. */
  file_name: z.string(),
  /** The command line that starts it. */
  run: z.string(),
  code: z.string(),
})
/** A whole receiver in one file, that checks a provider's signature. */
export type Snippet = z.infer<typeof snippetSchema>
