import { z } from 'zod'

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
})
export type Settings = z.infer<typeof settingsSchema>
export const defaultSettings: Settings = settingsSchema.parse({})
