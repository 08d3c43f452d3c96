/** Where the desktop app's page lives: a scheme of its own, so that it has an origin and reads no files. */
export const appScheme = 'app'
export const appOrigin = 'app://hookbench'
/** Answers of operations that are no JSON come from `app://hookbench/content/<operation>?input=<JSON>`. */
export const contentPath = '/content/'
