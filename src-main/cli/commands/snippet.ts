import type { Command } from 'commander'
import { snippetLanguages, type SnippetLanguageId } from '../../../src-shared/model/snippet.ts'
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

export function addSnippet(program: Command): void {
  program
    .command('snippet')
    .description("a receiver in one file that checks a provider's signature, to run and to copy from")
    .requiredOption('--provider <id>', 'see `hookbench providers`')
    .requiredOption('--lang <language>', snippetLanguages.join(', '), oneOf(snippetLanguages))
    .option('--output <file>', 'write to this file instead of standard output')
    .action(
      action<Options>(async ({ options, output }) => {
        const snippet = receiverSnippet(requireProvider(options.provider), options.lang)
        const { output: file } = options
        if (file === undefined) {
          output.result(snippet, snippet.code.trimEnd().split('\n'))
          return
        }
        await writeOutput(file, Buffer.from(snippet.code), false)
        output.result({ ...snippet, file }, [`wrote ${file}; its first lines say how to run it`])
      }),
    )
}
