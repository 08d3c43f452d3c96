import { z } from 'zod'

const portSchema = z.number().int().min(0, 'must be 0 to 65535').max(65_535, 'must be 0 to 65535')

/** What applies to the whole data folder. @see product.md, Limits and retention */
export const settingsSchema = z.object({
  max_age_days: z.number().min(0.01).max(3650).default(30),
  max_deliveries: z.number().int().min(1).max(1_000_000).default(50_000),
  max_captures: z.number().int().min(1).max(1_000_000).default(50_000),
  max_database_bytes: z.number().int().min(1_048_576).max(2_147_483_648).default(536_870_912),
  max_bodies_bytes: z.number().int().min(1_048_576).max(1_099_511_627_776).default(2_147_483_648),
  /** Requests under way at once over all destinations. */
  concurrency: z.number().int().min(1).max(1024).default(64),
  capture_body_limit_bytes: z.number().int().min(1024).max(1_073_741_824).default(26_214_400),
  /** Failed deliveries in a row after which a destination is worth a notification. */
  notify_after_failures: z.number().int().min(1).max(1000).default(3),
  /** The receiver's; it moves there at once. 0: any free one, null: the one it is started for. An option goes before it. */
  capture_port: portSchema.nullable().default(null),
  /** Of API and web UI, from the next start on. Likewise. */
  api_port: portSchema.nullable().default(null),
  /** Nothing is sent while this is set; what is accepted waits. */
  sending_paused: z.boolean().default(false),
})
export type Settings = z.infer<typeof settingsSchema>
/** What a configuration file has of them: ports belong to a machine, a pause to a moment. */
export const portableSettingsSchema = settingsSchema.omit({
  capture_port: true,
  api_port: true,
  sending_paused: true,
})
export type PortableSettings = z.infer<typeof portableSettingsSchema>
export const defaultSettings: Settings = settingsSchema.parse({})
