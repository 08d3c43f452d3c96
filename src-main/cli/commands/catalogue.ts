import type { Command } from 'commander'
import { invalidInput } from '../../../src-shared/errors.ts'
import { createIds } from '../../engine/ids.ts'
import { providers, requireProvider } from '../../engine/providers/index.ts'
import { systemClock } from '../../system-clock.ts'
import { systemRandom } from '../../system-random.ts'
import { table } from '../output.ts'
import { action } from '../run-command.ts'
import { plural } from '../text.ts'

export function addCatalogue(program: Command): void {
  program
    .command('providers')
    .description('the senders that can be played, and those that can be verified')
    .action(
      action(async ({ output }) => {
        const document = providers.map(({ id, name, sends, events, scheme, retry, assumptions }) => ({
          id,
          name,
          sends,
          event_count: events.length,
          signature_header: scheme.header ?? null,
          retry_delays_seconds: retry.delaysSeconds,
          assumptions,
        }))
        const rows = document.map((p) => [
          p.id,
          p.name,
          p.sends ? plural(p.event_count, 'event') : 'verify only',
          p.signature_header ?? 'in the body',
        ])
        output.result(document, table(['ID', 'NAME', 'SENDS', 'SIGNATURE'], rows, ''))
      }),
    )
  program
    .command('events')
    .description("a provider's event types, or a sample payload")
    .requiredOption('--provider <id>', 'see `hookbench providers`')
    .option('--sample <event>', 'print a sample payload of this event')
    .action(
      action<{ provider: string; sample?: string }>(async ({ options, output }) => {
        const provider = requireProvider(options.provider)
        if (!provider.sends) throw invalidInput(`${provider.name} is for verifying only; it has no events.`)
        if (options.sample !== undefined) {
          if (!provider.openCatalogue && !provider.events.some(({ type }) => type === options.sample))
            throw invalidInput(
              `--sample: ${provider.name} has no event "${options.sample}"; the same without --sample lists them.`,
            )
          const ids = createIds(systemClock, systemRandom)
          const sample = provider.sample(options.sample, {
            eventId: provider.eventIdKind === 'ulid' ? ids.ulid() : ids.uuid(),
            occurredAt: systemClock.now(),
            workspace: { uuid: ids.uuid(), name: 'Example Workspace' },
            random: systemRandom,
          })
          output.result(sample, JSON.stringify(sample, null, 2).split('\n'))
          return
        }
        const document = provider.events.map((event) => ({ ...event }))
        const open = provider.openCatalogue ? ['Any other type can be sent too.'] : []
        output.result(document, [
          ...table(
            ['EVENT', 'WHAT HAPPENED'],
            document.map((e) => [e.type, e.description]),
            '',
          ),
          ...open,
        ])
      }),
    )
}
