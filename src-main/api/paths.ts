/** Where the contract's operations begin. */
export const basePath = '/api/v1'
/** The readable page about them. */
export const docsPath = '/api/docs'
