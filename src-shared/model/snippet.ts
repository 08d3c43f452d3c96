import { z } from 'zod'

/** Languages that receiver code is written in. */
export const snippetLanguages = ['node', 'python', 'php', 'ruby', 'go', 'java', 'csharp'] as const
/** For people. */
export const snippetLanguageNames = {
  node: 'Node.js',
  python: 'Python',
  php: 'PHP',
  ruby: 'Ruby',
  go: 'Go',
  java: 'Java',
  csharp: 'C#',
} as const satisfies Record<(typeof snippetLanguages)[number], string>
export const snippetLanguageSchema = z.enum(snippetLanguages)
export type SnippetLanguageId = z.infer<typeof snippetLanguageSchema>

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
