import { onBeforeUnmount } from 'vue'

/** Addresses for JPEG bytes, one a key, given back when the component goes. */
export function usePictureUrls(): (key: string, bytes: ArrayBuffer) => string {
  const urls = new Map<string, string>()
  onBeforeUnmount(() => urls.forEach((url) => URL.revokeObjectURL(url)))
  return (key, bytes) => {
    const known = urls.get(key)
    if (known) return known
    const url = URL.createObjectURL(new Blob([bytes], { type: 'image/jpeg' }))
    urls.set(key, url)
    return url
  }
}
