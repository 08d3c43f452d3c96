import { expect, it } from 'vitest'
import { providers, requireProvider } from '../../../src-main/engine/providers/index.ts'
import { receiverSnippet } from '../../../src-main/engine/snippets/snippet.ts'
import { snippetLanguages } from '../../../src-shared/model/snippet-languages.ts'

const github = requireProvider('github')

it.each(snippetLanguages)('lines of %s are short enough to be read beside other code', (language) => {
  for (const provider of providers) {
    const lines = receiverSnippet(provider, language).code.replaceAll('\t', '    ').split('\n')
    expect(
      lines.filter((line) => line.length > 100),
      provider.id,
    ).toEqual([])
  }
})

it.each(snippetLanguages)(
  'the first lines of %s say how the file is run, and so does the result',
  (language) => {
    const usual = receiverSnippet(github, language)
    expect(usual.code).toContain(usual.run)
    const name = `hook${usual.file_name.slice(usual.file_name.indexOf('.'))}`
    const named = receiverSnippet(github, language, name)
    expect(named).toMatchObject({ file_name: name, run: usual.run.replace(usual.file_name, name) })
    expect(named.code).toBe(usual.code.replace(usual.run, named.run))
  },
)

it.each([
  ['python', 'my hook.py', "python3 'my hook.py'"],
  ['ruby', 'größe.rb', "ruby 'größe.rb'"],
  ['python', 'hook', 'python3 hook'],
  ['node', 'hook.js', 'node hook.js'],
  ['java', 'my-hook.java', 'java my-hook.java'],
] as const)('%s in %s is run by %s', (language, name, command) => {
  expect(receiverSnippet(github, language, name)).toMatchObject({
    file_name: name,
    run: `WEBHOOK_SECRET=... ${command}`,
  })
})

it.each([
  ['python', 'a name with a line break', 'x\nimport os.py'],
  ['python', 'a name that ends the comment', '""".py'],
  ['php', 'a name that ends the program', '?>.php'],
  ['java', 'an escape that Java reads in comments', '\\u000a.java'],
  ['ruby', 'a name that the shell would read', "'$(x)'.rb"],
  ['python', 'an option', '-c.py'],
  ['node', 'a name that Node takes for CommonJS', 'hook.cjs'],
  ['go', 'a name that Go keeps for tests', 'hook_test.go'],
  ['java', 'no Java file', 'hook.txt'],
  ['csharp', 'no C# file', 'hook.txt'],
] as const)('the usual name stands in %s instead of %s', (language, _, name) => {
  expect(receiverSnippet(github, language, name)).toEqual(receiverSnippet(github, language))
})

it('a file in .js needs a Node that sees that it is a module', () => {
  expect(receiverSnippet(github, 'node', 'hook.js').code).toContain('Needs Node 22.7 or newer')
  expect(receiverSnippet(github, 'node', 'hook.mjs').code).toContain('Needs Node 18 or newer')
})
