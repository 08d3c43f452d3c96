/** The arrows of ARCHITECTURE.md. test/unit/architecture feeds it forbidden imports. */
const only = (name, comment, module, folders) => ({
  name,
  comment,
  severity: 'error',
  from: { path: '^(src-main|src-renderer|src-shared)/', pathNot: folders },
  to: { path: `(^|/)node_modules/${module}/|^${module}$` },
})

export default {
  forbidden: [
    {
      name: 'no-circular',
      comment: 'a cycle of types only costs nothing at run time',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'shared-is-pure',
      comment: 'src-shared runs everywhere: no Node, no other folder, only zod',
      severity: 'error',
      from: { path: '^src-shared/' },
      to: { pathNot: '^src-shared/|(^|/)node_modules/zod/' },
    },
    {
      name: 'engine-knows-no-outside',
      comment: 'the engine reaches storage, network and hosts through its ports',
      severity: 'error',
      from: { path: '^src-main/engine/' },
      to: { path: '^src-main/(?!engine/)' },
    },
    {
      name: 'engine-touches-no-files-or-sockets',
      severity: 'error',
      from: { path: '^src-main/engine/' },
      to: {
        path: '^(node:)?(fs|fs/promises|net|http|https|tls|dgram|child_process|worker_threads|timers|timers/promises)$',
      },
    },
    ...['storage', 'sender', 'capture', 'api'].map((adapter) => ({
      name: `${adapter}-knows-no-sibling`,
      severity: 'error',
      from: { path: `^src-main/${adapter}/` },
      to: { path: `^src-main/(?!${adapter}/|engine/)` },
    })),
    {
      name: 'host-is-below-the-entries',
      severity: 'error',
      from: { path: '^src-main/(host|data-folder|environment)\\.ts$' },
      to: { path: '^src-main/(cli|electron)/' },
    },
    {
      name: 'renderer-imports-shared-only',
      severity: 'error',
      from: { path: '^src-renderer/' },
      to: { path: '^(src-main|test)/' },
    },
    {
      name: 'renderer-has-no-node',
      severity: 'error',
      from: { path: '^src-renderer/' },
      to: { dependencyTypes: ['core'] },
    },
    { name: 'sources-import-no-tests', severity: 'error', from: { path: '^src-' }, to: { path: '^test/' } },
    only(
      'electron-in-its-folder',
      'electron is imported in src-main/electron only',
      'electron',
      '^src-main/electron/',
    ),
    only(
      'fastify-in-its-folders',
      'fastify is imported in capture and api only',
      'fastify',
      '^src-main/(capture|api)/',
    ),
    only('undici-in-its-folder', 'undici is imported in sender only', 'undici', '^src-main/sender/'),
    only('sqljs-in-its-folder', 'sql.js is imported in storage only', 'sql\\.js', '^src-main/storage/'),
    only(
      'prom-client-in-its-file',
      'prom-client is imported in metrics only',
      'prom-client',
      '^src-main/metrics\\.ts$',
    ),
    only('commander-in-its-folder', 'commander is imported in cli only', 'commander', '^src-main/cli/'),
  ],
  options: {
    parser: 'swc',
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
      extensions: ['.ts', '.tsx', '.js', '.mjs', '.cjs', '.json'],
    },
  },
}
