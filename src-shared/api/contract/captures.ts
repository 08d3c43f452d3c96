import { z } from 'zod'
import {
  captureSummarySchema,
  captureViewSchema,
  diagnosisSchema,
  verdictStatusSchema,
} from '../../model/capture.ts'
import { captureIdSchema, endpointIdSchema } from '../../model/ids.ts'
import {
  contentSchema,
  idList,
  operation,
  pageInput,
  pageOf,
  queryBoolean,
  queryList,
  rangeInput,
  removedSchema,
  searchInput,
  timeRange,
} from '../operation.ts'

export const captureFilterInput = {
  ids: idList(captureIdSchema).optional(),
  q: searchInput,
  endpoint: endpointIdSchema.optional(),
  method: z.string().max(100).optional(),
  event_type: z.string().max(200).optional(),
  delivery_id: z.string().max(500).optional(),
  verdict: queryList(verdictStatusSchema).optional(),
  pinned: queryBoolean.optional(),
  ...timeRange,
}

export const captureOperations = {
  'captures.list': operation({
    method: 'GET',
    path: '/captures',
    summary: 'Captures, newest first',
    input: z.object({ ...captureFilterInput, ...pageInput }),
    output: pageOf(captureSummarySchema),
  }),

  'captures.get': operation({
    method: 'GET',
    path: '/captures/:id',
    summary: 'One capture',
    input: z.object({ id: captureIdSchema }),
    output: captureViewSchema,
  }),

  'captures.body': operation({
    method: 'GET',
    path: '/captures/:id/body',
    summary: 'The body as it was received, byte for byte',
    headers: { range: 'Range' },
    input: z.object({ id: captureIdSchema, range: rangeInput }),
    output: contentSchema,
  }),

  'captures.diagnosis': operation({
    method: 'GET',
    path: '/captures/:id/diagnosis',
    summary: 'Why its signature is right or wrong, and what to change',
    input: z.object({ id: captureIdSchema }),
    output: diagnosisSchema,
  }),

  'captures.remove': operation({
    method: 'DELETE',
    path: '/captures',
    summary: 'Remove all captures that match; `all` without a filter',
    input: z.object({ ...captureFilterInput, all: queryBoolean.optional() }),
    output: removedSchema,
  }),
  'captures.change': operation({
    method: 'PATCH',
    path: '/captures/:id',
    summary: 'Pin, tag or annotate a capture',
    input: z.object({
      id: captureIdSchema,
      pinned: z.boolean().optional(),
      tags: z.array(z.string().min(1).max(100)).max(50).optional(),
      note: z.string().max(10_000).optional(),
    }),
    output: captureSummarySchema,
  }),

  'captures.delete': operation({
    method: 'DELETE',
    path: '/captures/:id',
    summary: 'Remove a capture',
    input: z.object({ id: captureIdSchema }),
    output: removedSchema,
  }),

  'captures.import': operation({
    method: 'POST',
    path: '/captures/import',
    summary: 'Keep requests as captures: raw HTTP, the text of HAR files, or cURL commands',
    status: 201,
    input: z.object({
      endpoint: z.string().default('inbox'),
      requests: z
        .array(z.object({ raw_base64: z.base64() }))
        .min(1)
        .max(1000),
    }),
    output: z.object({ items: z.array(captureSummarySchema) }),
  }),
} as const
