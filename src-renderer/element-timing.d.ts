import 'react'

declare module 'react' {
  interface HTMLAttributes<T> {
    /**
     * Makes the browser note when it has painted the element's text; benchmarks read it.
     * @see https://wicg.github.io/element-timing/
     */
    elementtiming?: string
  }
}
