import type { ImportPlan } from '../../../src-shared/api/contract/transfer.ts'
import type { Handlers } from '../../../src-shared/api/contract.ts'
import type { Content } from '../../../src-shared/api/operation.ts'
import { AppError, invalidInput } from '../../../src-shared/errors.ts'
import type { DestinationId } from '../../../src-shared/model/ids.ts'
import { rejudgeLater } from '../capture/capturing.ts'
import type { EngineContext } from '../use-cases/context.ts'
import { requireDestination } from '../use-cases/lookup.ts'
import { configTree, onlyDestination } from './config-tree.ts'
import { planImport, type ImportDraft } from './plan-import.ts'
import { readConfig, type ReadConfig } from './read-config.ts'
import { createSealer } from './sealed-text.ts'
import { SecretValues } from './secret-values.ts'
import { ReferenceNames } from './secrets.ts'
import { jsonText, writtenTree, yamlText } from './write-config.ts'

type ConfigurationHandlers = Pick<
  Handlers,
  'configuration.export' | 'configuration.export-encrypted' | 'configuration.import'
>

interface ExportInput {
  readonly format: 'yaml' | 'json'
  readonly destination?: DestinationId | undefined
  readonly passphrase?: string | undefined
}

export function configurationHandlers(context: EngineContext): ConfigurationHandlers {
  return {
    'configuration.export': async (input) => exported(context, input),
    'configuration.export-encrypted': async (input) => exported(context, input),
    'configuration.import': async ({ text, format, prune, secrets, passphrase, dry_run: dryRun }) => {
      const read = readConfig(text, format)
      if (prune && read.file.partial === true)
        throw invalidInput('This file holds one destination; pruning by it would delete everything else.')
      const values = await SecretValues.of(read, secrets, passphrase)
      if (!dryRun) return applied(context, read, values, prune)
      return planOf(planImport(context, read, values, { prune }), values, false)
    },
  }
}

async function exported(context: EngineContext, input: ExportInput): Promise<Content> {
  const { store, secrets, random } = context
  const { format, destination, passphrase } = input
  if (destination !== undefined) requireDestination(store, destination)
  const seal = passphrase === undefined ? null : await createSealer(passphrase, random)
  if (destination !== undefined) requireDestination(store, destination)
  const whole = writtenTree(configTree(store, secrets), new ReferenceNames(), seal) as Record<string, unknown>
  const document = destination === undefined ? whole : onlyDestination(whole, store, destination)
  const bytes = Buffer.from(format === 'json' ? jsonText(document) : yamlText(document, seal !== null))
  return {
    media_type: format === 'json' ? 'application/json' : 'application/yaml; charset=utf-8',
    file_name: `hookbench.config.${format}`,
    bytes,
    offset: 0,
    total_bytes: bytes.length,
  }
}

const deletedReason = { code: 'destination_deleted', message: 'destination deleted (by an import)' }

/** One commit. What it says was decided in the same turn, so nothing can have changed in between. */
async function applied(
  context: EngineContext,
  read: ReadConfig,
  values: SecretValues,
  prune: boolean,
): Promise<ImportPlan> {
  const { store, dispatcher } = context
  let final = values
  let draft = planImport(context, read, values, { prune })
  if (draft.deletedDestinations.length === 0) {
    if (draft.changes.length > 0) await store.commit(draft.changes)
  } else {
    const closing = draft.deletedDestinations.map(({ id }) => id)
    await dispatcher.deleting(closing, deletedReason, (ended) => {
      // Decided again: looking for what waits took its time.
      final = values.again()
      draft = planImport(context, read, final, { prune })
      if (draft.deletedDestinations.some(({ id }) => !closing.includes(id)))
        throw new AppError('conflict', {
          message: 'A destination was made while the import began. Nothing was imported; try again.',
        })
      return store.commit([...ended, ...draft.changes])
    })
  }
  if (draft.changes.length > 0) {
    context.push.publish({ kind: 'configuration', of: 'all', id: null })
    dispatcher.wake()
    for (const endpoint of draft.endpoints) rejudgeLater(context, endpoint)
  }
  return planOf(draft, final, true)
}

function planOf(draft: ImportDraft, values: SecretValues, isApplied: boolean): ImportPlan {
  const plan = [...draft.plan]
  const count = (action: ImportPlan['plan'][number]['action']): number =>
    plan.filter((entry) => entry.action === action).length
  return {
    applied: isApplied,
    plan,
    counts: {
      create: count('create'),
      change: count('change'),
      unchanged: count('unchanged'),
      delete: count('delete'),
    },
    unresolved: values.unresolved,
  }
}
