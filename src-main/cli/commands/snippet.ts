import { basename } from 'node:path'
import type { Command } from 'commander'
import { snippetLanguages, type SnippetLanguageId } from '../../../src-shared/model/snippet-languages.ts'
import { requireProvider } from '../../engine/providers/index.ts'
import { receiverSnippet } from '../../engine/snippets/snippet.ts'
import { oneOf } from '../inputs.ts'
import { action } from '../run-command.ts'
import { writeOutput } from '../write-output.ts'

interface Options {
  readonly provider: string
  readonly lang: SnippetLanguageId
  readonly output?: string
}

/** What people and file names call the languages too. */
const otherNames: ReadonlyMap<string, SnippetLanguageId> = new Map([
  ['js', 'node'],
  ['javascript', 'node'],
  ['nodejs', 'node'],
  ['py', 'python'],
  ['python3', 'python'],
  ['rb', 'ruby'],
  ['golang', 'go'],
  ['c#', 'csharp'],
  ['cs', 'csharp'],
])

function language(text: string): SnippetLanguageId {
  const name = text.toLowerCase()
  return otherNames.get(name) ?? oneOf(snippetLanguages)(name)
}

export function addSnippet(program: Command): void {
  program
    .command('snippet')
    .description("a receiver in one file that checks a provider's signature, to run and to copy from")
    .requiredOption('--provider <id>', 'see `hookbench providers`')
    .requiredOption('--lang <language>', snippetLanguages.join(', '), language)
    .option('--output <file>', 'write to this file instead of standard output (-)')
    .action(
      action<Options>(async ({ options, output }) => {
        const file = options.output === '-' ? undefined : options.output
        const name = file === undefined || file.startsWith('/dev/') ? undefined : basename(file)
        const snippet = receiverSnippet(requireProvider(options.provider), options.lang, name)
        if (file === undefined) {
          output.result(snippet, snippet.code.trimEnd().split('\n'))
          return
        }
        await writeOutput(file, Buffer.from(snippet.code), false)
        const hint =
          name === undefined || snippet.file_name === name
            ? 'its first lines say how to run it'
            : `to run it, call it ${snippet.file_name} or the like; its first lines say how`
        output.result({ ...snippet, file }, [`wrote ${file}; ${hint}`])
      }),
    )
}
