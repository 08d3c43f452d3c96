import { expect, it } from 'vitest'
import { endpointSlug } from '../../../src-main/capture/endpoint-path.ts'

it.each([
  ['/in/sample', 'sample'],
  ['/in/sample/', 'sample'],
  ['/in/sample/deep/er?x=/in/other', 'sample'],
  ['/in/sample?x=1', 'sample'],
  ['/in/sample#part', 'sample'],
  ['/in/sam%70le', 'sample'],
  ['/in/sample/a%zz', 'sample'],
  ['http://127.0.0.1:4848/in/sample?x', 'sample'],
  ['HTTPS://user@[::1]/in/sample', 'sample'],
  [`/in/sample/${'a'.repeat(30_000)}`, 'sample'],
  ['/in/__proto__', '__proto__'],
])('%s belongs to an endpoint', (target, slug) => {
  expect(endpointSlug(target)).toBe(slug)
})

it.each([
  '/',
  '',
  '*',
  '/in',
  '/in/',
  '/in//sample',
  '/in?/sample',
  '//in/sample',
  '/IN/sample',
  '/inbox/sample',
  '/x/in/sample',
  '/?/in/sample',
  '/in/a%zz',
  '/in/a%2fb',
  'in/sample',
  'example.test:443',
  'http://127.0.0.1',
  'http://127.0.0.1?/in/sample',
  '/http://host/in/sample',
])('%s belongs to the inbox', (target) => {
  expect(endpointSlug(target)).toBeNull()
})
