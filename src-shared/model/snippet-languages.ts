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
export type SnippetLanguageId = (typeof snippetLanguages)[number]
