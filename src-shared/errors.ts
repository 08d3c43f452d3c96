/**
 * Expected failures. Each has a stable code (scripts rely on it), an HTTP status for the API,
 * and a sentence that says what to do. Bugs are plain `Error`s and never get here.
 *
 * @see RFC 9457 for the problem+json form.
 */

/** One invalid field of an input: `path` in dotted form, `message` in plain words. */
export interface FieldError {
  readonly path: string
  readonly message: string
}

type Details = Readonly<Record<string, string | number | undefined>>

interface ErrorKind {
  readonly status: number
  readonly title: string
  readonly detail: (details: Details) => string
}

const notFound = (thing: string, command: string): ErrorKind => ({
  status: 404,
  title: `No such ${thing}`,
  detail: (d) => `There is no ${thing} ${d.id}. \`hookbench ${command} ls\` lists what there is.`,
})

/** Every expected failure of Hookbench by its code. */
export const errorKinds = {
  invalid_input: {
    status: 400,
    title: 'Invalid input',
    detail: (d) => `${d.message}`,
  },
  unauthorized: {
    status: 401,
    title: 'Not authorized',
    detail: () =>
      'The request needs the token of this launch: read it from instance.json in the data folder, or run `hookbench open`.',
  },
  forbidden: { status: 403, title: 'Forbidden', detail: (d) => `${d.message}` },
  route_not_found: {
    status: 404,
    title: 'No such operation',
    detail: (d) => `There is no operation ${d.method} ${d.path}.`,
  },
  method_not_allowed: {
    status: 405,
    title: 'Method not allowed',
    detail: (d) => `${d.path} does not take ${d.method}.`,
  },
  payload_too_large: {
    status: 413,
    title: 'Too large',
    detail: (d) => `The request's body is larger than ${d.limit_bytes} bytes.`,
  },
  unsupported_media_type: {
    status: 415,
    title: 'JSON wanted',
    detail: () => 'Send the body as Content-Type: application/json.',
  },
  workspace_not_found: notFound('workspace', 'workspaces'),
  contact_not_found: notFound('contact', 'contacts'),
  destination_not_found: notFound('destination', 'destinations'),
  subscription_not_found: notFound('subscription', 'subscriptions'),
  endpoint_not_found: notFound('endpoint', 'endpoints'),
  scheme_not_found: notFound('scheme', 'providers'),
  event_not_found: {
    status: 404,
    title: 'No such event',
    detail: (d) => `There is no event ${d.id}.`,
  },
  delivery_not_found: notFound('delivery', 'deliveries'),
  replay_not_found: {
    status: 404,
    title: 'No such replay',
    detail: (d) => `There is no replay ${d.id}; it goes with the last of its deliveries.`,
  },
  replay_ended: {
    status: 409,
    title: 'Nothing to cancel',
    detail: (d) => `Replay ${d.id} has ended: nothing of it waits any more.`,
  },
  capture_not_found: notFound('capture', 'captures'),
  provider_not_found: {
    status: 404,
    title: 'No such provider',
    detail: (d) => `There is no provider ${d.id}. \`hookbench providers\` lists them.`,
  },
  too_many_streams: {
    status: 503,
    title: 'Too many streams',
    detail: (d) => `${d.limit} event streams are open; close one of them.`,
  },
  range_not_satisfiable: {
    status: 416,
    title: 'No such range',
    detail: (d) => `The range ${d.range} is not within the ${d.total_bytes} bytes of this document.`,
  },
  idempotency_key_reused: {
    status: 409,
    title: 'Idempotency key used before',
    detail: () =>
      'This Idempotency-Key came with another request before. Send the same request again, or use a new key.',
  },
  secrets_missing: {
    status: 400,
    title: 'Secrets missing',
    detail: (d) =>
      `The file makes something new that needs secrets which have no value here: ${d.names}. Set them as environment variables of the import.`,
  },
  passphrase_missing: {
    status: 400,
    title: 'Passphrase missing',
    detail: () => 'The secrets of this file are encrypted: the import needs the passphrase of its export.',
  },
  wrong_passphrase: {
    status: 400,
    title: 'Wrong passphrase',
    detail: () =>
      'This passphrase does not open the secrets of the file, or one of them was changed. Nothing was imported.',
  },
  sealed_text_invalid: {
    status: 400,
    title: 'Encrypted secret unreadable',
    detail: (d) => `An encrypted secret of the file can't be read: ${d.message}. Export it again.`,
  },
  undo_expired: {
    status: 404,
    title: 'Too late to undo',
    detail: () => 'There is nothing to undo under this token: it is kept for a minute only.',
  },
  conflict: { status: 409, title: 'Conflict', detail: (d) => `${d.message}` },
  delivery_not_failed: {
    status: 409,
    title: 'Only failed deliveries are retried',
    detail: (d) =>
      `Delivery ${d.id} is ${d.status}, not failed. Send now starts one that waits for its retry.`,
  },
  delivery_not_retrying: {
    status: 409,
    title: 'Nothing to send now',
    detail: (d) => `Delivery ${d.id} is ${d.status}; only one that waits for its retry can be sent now.`,
  },
  delivery_not_waiting: {
    status: 409,
    title: 'Nothing to cancel',
    detail: (d) =>
      `Delivery ${d.id} is ${d.status}; only a waiting one (pending, retrying) can be cancelled.`,
  },
  delivery_under_way: {
    status: 409,
    title: 'Being sent',
    detail: (d) => `Delivery ${d.id} is being sent just now; try again when its attempt has ended.`,
  },
  destination_not_paused: {
    status: 409,
    title: 'Not paused',
    detail: (d) => `Destination ${d.id} is ${d.status}; only a paused one can be resumed.`,
  },
  secrets_unavailable: {
    status: 503,
    title: 'Secrets unavailable',
    detail: (d) => `${d.message}`,
  },
  storage_unavailable: {
    status: 503,
    title: 'Storage unavailable',
    detail: (d) =>
      `Nothing can be saved just now (${d.reason}). Nothing was changed; make room on the disk or mend it, then try again: Hookbench goes on by itself.`,
  },
  data_folder_in_use: {
    status: 409,
    title: 'Data folder in use',
    detail: (d) =>
      `The data folder ${d.folder} is in use by process ${d.pid} (${d.command}). Stop it, or choose another folder with --data-dir.`,
  },
  data_folder_unusable: {
    status: 500,
    title: 'Data folder unusable',
    detail: (d) => `The data folder ${d.folder} can't be used: ${d.reason}.`,
  },
  data_newer: {
    status: 500,
    title: 'Data of a newer version',
    detail: (d) =>
      `The data folder ${d.folder} was written by a newer Hookbench (data version ${d.found}, this one knows ${d.known}). Nothing was changed; update Hookbench, or choose another folder with --data-dir.`,
  },
  migration_failed: {
    status: 500,
    title: 'Migration failed',
    detail: (d) =>
      `The data in ${d.folder} could not be brought to version ${d.version}: ${d.reason}. It was left as it was.`,
  },
  port_in_use: {
    status: 409,
    title: 'Port in use',
    detail: (d) =>
      `Port ${d.port} on ${d.host} is in use. Choose another with ${d.option}, or 0 for any free one.`,
  },
  port_unusable: {
    status: 500,
    title: 'Address unusable',
    detail: (d) => `Can't listen on ${d.host}:${d.port}: ${d.reason}. Choose another with ${d.option}.`,
  },
  file_unreadable: {
    status: 400,
    title: 'File unreadable',
    detail: (d) => `Can't read ${d.file}: ${d.reason}.`,
  },
  file_unwritable: {
    status: 400,
    title: 'File not writable',
    detail: (d) => `Can't write ${d.file}: ${d.reason}.`,
  },
  instance_unreachable: {
    status: 503,
    title: 'Running instance unreachable',
    detail: (d) =>
      `The Hookbench that has this data folder open (process ${d.pid}) does not answer: ${d.reason}.`,
  },
  internal: {
    status: 500,
    title: 'Something broke',
    detail: () => 'Something broke inside Hookbench; its log has the details.',
  },
} as const satisfies Record<string, ErrorKind>

export type ErrorCode = keyof typeof errorKinds

/** RFC 9457 form of an {@link AppError}; `code` is the stable name, `type` its URN. */
export interface Problem {
  readonly type: string
  readonly title: string
  readonly status: number
  readonly detail: string
  readonly code: ErrorCode
  readonly errors?: readonly FieldError[]
}

/** An expected failure with a stable code; `message` is the sentence for the user. */
export class AppError extends Error {
  readonly code: ErrorCode
  readonly details: Details
  readonly fields: readonly FieldError[]

  constructor(
    code: ErrorCode,
    details: Details = {},
    options: { cause?: unknown; fields?: readonly FieldError[] } = {},
  ) {
    const kind: ErrorKind = errorKinds[code]
    super(kind.detail(details), options.cause === undefined ? undefined : { cause: options.cause })
    this.name = 'AppError'
    this.code = code
    this.details = details
    this.fields = options.fields ?? []
  }

  /** HTTP status of this failure in the API. */
  get status(): number {
    return errorKinds[this.code].status
  }

  /** The RFC 9457 document of this failure. */
  toProblem(): Problem {
    const kind = errorKinds[this.code]
    return {
      type: `urn:hookbench:error:${this.code}`,
      title: kind.title,
      status: kind.status,
      detail: this.message,
      code: this.code,
      ...(this.fields.length > 0 ? { errors: this.fields } : {}),
    }
  }

  /** The failure that a problem document describes: how a client throws what the server answered. */
  static fromProblem(problem: Problem): AppError {
    const error = new AppError(
      problem.code in errorKinds ? problem.code : 'internal',
      {},
      { fields: problem.errors ?? [] },
    )
    error.message = problem.detail
    return error
  }
}

/** The sentence about invalid fields, each under the name by which its reader knows it. */
export function sentenceOfFields(
  fields: readonly FieldError[],
  nameOf: (path: string) => string = (path) => path,
): string {
  return fields.map(({ path, message }) => (path === '' ? message : `${nameOf(path)}: ${message}`)).join('; ')
}

/** Invalid input: one sentence, and the fields it concerns. */
export function invalidInput(message: string, fields: readonly FieldError[] = []): AppError {
  return new AppError('invalid_input', { message }, { fields })
}
