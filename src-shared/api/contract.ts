import { captureOperations } from './contract/captures.ts'
import { configurationOperations } from './contract/configuration.ts'
import { contactOperations } from './contract/contacts.ts'
import { deliveryOperations } from './contract/deliveries.ts'
import { destinationOperations } from './contract/destinations.ts'
import { eventOperations } from './contract/events.ts'
import { replayOperations } from './contract/replays.ts'
import { statisticsOperations } from './contract/statistics.ts'
import { systemOperations } from './contract/system.ts'
import { transferOperations } from './contract/transfer.ts'
import type { Cancellation, InputOf, OutputOf, ParsedInputOf } from './operation.ts'

/**
 * Every operation once. The HTTP API, its OpenAPI document, Electron's IPC, the typed client and the command line are
 * derived from this table: a new operation costs one entry here and one handler.
 */
export const contract = {
  ...systemOperations,
  ...statisticsOperations,
  ...configurationOperations,
  ...destinationOperations,
  ...contactOperations,
  ...eventOperations,
  ...deliveryOperations,
  ...captureOperations,
  ...replayOperations,
  ...transferOperations,
} as const

export type { Health } from './contract/system.ts'
export type Contract = typeof contract
export type OperationName = keyof Contract
export type OperationInput<Name extends OperationName> = InputOf<Contract[Name]>
export type OperationParsedInput<Name extends OperationName> = ParsedInputOf<Contract[Name]>
export type OperationOutput<Name extends OperationName> = OutputOf<Contract[Name]>

/** What a handler table must hold: one function for each operation. */
export type Handlers = {
  readonly [Name in OperationName]: (
    input: OperationParsedInput<Name>,
    cancelled?: Cancellation,
  ) => Promise<OperationOutput<Name>>
}
