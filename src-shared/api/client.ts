import type { OperationInput, OperationName, OperationOutput } from './contract.ts'

/** Carries one call to whoever handles it. Rejects with AppError for what is expected to fail. */
export type Transport = (name: OperationName, input: unknown) => Promise<unknown>

/** The typed client, derived from the contract; the same over HTTP, IPC or in one process. */
export interface Client {
  call<Name extends OperationName>(name: Name, input: OperationInput<Name>): Promise<OperationOutput<Name>>
}

export function createClient(transport: Transport): Client {
  return {
    call: async <Name extends OperationName>(name: Name, input: OperationInput<Name>) =>
      // The transport's other end parses input and builds output by the same contract.
      (await transport(name, input)) as OperationOutput<Name>,
  }
}
