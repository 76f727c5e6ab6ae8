/** Pictures for records: as large as one looks at them, in a form that every browser shows. */

/** The longer side, in pixels. */
const MOST_PIXELS = 2000
/** Left as they are up to this size. */
const FINE_BYTES = 700_000
const SHOWN = new Set(['image/jpeg', 'image/png', 'image/gif', 'image/bmp'])

/** The picture made smaller where it is large; what this browser cannot read stays as it is and is judged like any file. */
export async function smallEnough(file: File): Promise<File> {
  if (file.size <= FINE_BYTES && SHOWN.has(file.type)) return file
  try {
    const bitmap = await createImageBitmap(file, { imageOrientation: 'from-image' })
    const scale = Math.min(1, MOST_PIXELS / Math.max(bitmap.width, bitmap.height))
    const canvas = document.createElement('canvas')
    canvas.width = Math.round(bitmap.width * scale)
    canvas.height = Math.round(bitmap.height * scale)
    canvas.getContext('2d')?.drawImage(bitmap, 0, 0, canvas.width, canvas.height)
    bitmap.close()
    const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, 'image/jpeg', 0.85))
    return blob ? new File([blob], `${file.name.replace(/\.[^.]*$/, '')}.jpg`, { type: 'image/jpeg' }) : file
  } catch {
    return file
  }
}
