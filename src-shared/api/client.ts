import type { Cancellation } from './operation.ts'
import type { OperationInput, OperationName, OperationOutput } from './contract.ts'

/** Carries one call to whoever handles it. Rejects with AppError for what is expected to fail. */
export type Transport = (name: OperationName, input: unknown, cancelled?: Cancellation) => Promise<unknown>

/** The typed client, derived from the contract; the same over HTTP, IPC or in one process. */
export interface Client {
  /** @param cancelled ends the work of operations that take long */
  call<Name extends OperationName>(
    name: Name,
    input: OperationInput<Name>,
    cancelled?: Cancellation,
  ): Promise<OperationOutput<Name>>
}

export function createClient(transport: Transport): Client {
  return {
    call: async <Name extends OperationName>(
      name: Name,
      input: OperationInput<Name>,
      cancelled?: Cancellation,
    ) =>
      // The transport's other end parses input and builds output by the same contract.
      (await transport(name, input, cancelled)) as OperationOutput<Name>,
  }
}
