/** Where a window stands, in device-independent pixels. */
export interface Rectangle {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

export interface WindowPlace {
  readonly bounds: Rectangle
  readonly maximized: boolean
}

/** Reads what was kept. By hand, because the window needn't wait then until zod has been loaded. */
export const windowPlaceSchema = {
  /** @throws Error when it is no place */
  parse(value: unknown): WindowPlace {
    const { bounds, maximized } = value as { bounds: Record<string, unknown>; maximized: unknown }
    const number = (name: string): number => {
      const found = bounds[name]
      if (!Number.isInteger(found)) throw new Error(`${name} is no whole number`)
      return found as number
    }
    if (typeof maximized !== 'boolean') throw new Error('maximized is neither true nor false')
    return {
      bounds: { x: number('x'), y: number('y'), width: number('width'), height: number('height') },
      maximized,
    }
  },
}

export const smallestWindow = { width: 720, height: 480 }
const usualSize = { width: 1280, height: 800 }
/** As much of the title bar must be in reach. */
const grip = { width: 120, height: 32 }

/**
 * Where to open the window: as it was, if enough of it can still be seen; screens come and go.
 * @param screens the work areas of all displays, the primary one first
 */
export function placeFor(
  kept: WindowPlace | null,
  screens: readonly Rectangle[],
): Partial<Rectangle> & { width: number; height: number } {
  const [primary] = screens
  if (kept === null || primary === undefined) return shrunk(usualSize, primary)
  const { bounds } = kept
  const home = screens.find((screen) => reachable(bounds, screen))
  if (home === undefined) return shrunk(bounds, primary)
  const size = shrunk(bounds, home)
  if (size.width === bounds.width && size.height === bounds.height) return bounds
  // It was larger than this screen is now: as much of it as possible stays in view.
  return {
    ...size,
    x: Math.max(home.x, Math.min(bounds.x, home.x + home.width - size.width)),
    y: Math.max(home.y, Math.min(bounds.y, home.y + home.height - size.height)),
  }
}

function shrunk(
  { width, height }: { width: number; height: number },
  screen: Rectangle | undefined,
): { width: number; height: number } {
  return {
    width: Math.max(smallestWindow.width, Math.min(width, screen?.width ?? width)),
    height: Math.max(smallestWindow.height, Math.min(height, screen?.height ?? height)),
  }
}

function reachable(window: Rectangle, screen: Rectangle): boolean {
  const across = Math.min(window.x + window.width, screen.x + screen.width) - Math.max(window.x, screen.x)
  const topInside = window.y >= screen.y && window.y + grip.height <= screen.y + screen.height
  return across >= grip.width && topInside
}
