import { Component, type ReactNode } from 'react'
import { Button } from '../parts/button.tsx'

interface Props {
  /** Another place: the screen is tried anew. */
  readonly place: string
  readonly children: ReactNode
}

/** A screen that broke leaves the others usable. */
export class ErrorBoundary extends Component<Props, { error: Error | null; place: string }> {
  override state = { error: null as Error | null, place: this.props.place }

  static getDerivedStateFromError(error: Error) {
    return { error }
  }

  static getDerivedStateFromProps(props: Props, state: { error: Error | null; place: string }) {
    return props.place === state.place ? null : { error: null, place: props.place }
  }

  override render() {
    const { error } = this.state
    if (error === null) return this.props.children
    return (
      <div className="empty" role="alert">
        <p className="empty-title">This screen broke</p>
        <p className="quiet">
          Your data is safe; it is a mistake of Hookbench&apos;s. The message was: {error.message}
        </p>
        <Button onClick={() => this.setState({ error: null })}>Show it again</Button>
      </div>
    )
  }
}
