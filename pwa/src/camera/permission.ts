/**
 * Calls `granted` when the user allows what he had refused, in the browser's or the phone's settings, so that nobody
 * has to find the button "try again". Browsers that do not tell are no error. Answers the function that ends it.
 */
export function onGranted(name: 'camera' | 'geolocation', granted: () => void): () => void {
  const end = new AbortController()
  void follow(name as PermissionName, granted, end.signal)
  return () => end.abort()
}

async function follow(name: PermissionName, granted: () => void, signal: AbortSignal): Promise<void> {
  try {
    const permission = await navigator.permissions.query({ name })
    const changed = () => {
      if (permission.state === 'granted') granted()
    }
    if (!signal.aborted) permission.addEventListener('change', changed, { signal })
  } catch {
    // No such question in this browser.
  }
}

/** Whether the user or the company's policy says no. False where the browser does not tell. */
export async function isRefused(name: 'camera' | 'geolocation'): Promise<boolean> {
  try {
    return (await navigator.permissions.query({ name: name as PermissionName })).state === 'denied'
  } catch {
    return false
  }
}
