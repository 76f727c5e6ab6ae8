/**
 * Draws the PNG icons from `public/icons/*.svg` with whatever Chromium the system has (CHROMIUM overrides).
 * Run after changing an SVG; the PNGs are committed, so building the app needs no browser.
 */
import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const icons = new URL('../public/icons/', import.meta.url).pathname
const browser = [
  process.env.CHROMIUM,
  '/usr/bin/chromium',
  '/usr/bin/google-chrome',
  '/usr/bin/chromium-browser',
].find((path) => path && existsSync(path))
if (!browser) throw new Error('no Chromium found; set CHROMIUM')

const outputs = [
  ['icon.svg', 'icon-192.png', 192],
  ['icon.svg', 'icon-512.png', 512],
  ['maskable.svg', 'maskable-512.png', 512],
  ['maskable.svg', 'apple-touch-icon.png', 180], // iOS cuts the corners itself and shows transparency as black
]

const work = mkdtempSync(join(tmpdir(), 'icons-'))
try {
  for (const [source, target, size] of outputs) {
    const page = join(work, 'icon.html')
    const svg = readFileSync(join(icons, source), 'utf8').replace('<svg ', `<svg width="${size}" height="${size}" `)
    writeFileSync(page, `<style>html,body{margin:0;overflow:hidden}svg{display:block}</style>${svg}`)
    execFileSync(
      browser,
      [
        '--headless',
        '--no-sandbox',
        '--disable-gpu',
        '--hide-scrollbars',
        '--force-device-scale-factor=1',
        '--default-background-color=00000000',
        `--user-data-dir=${join(work, 'profile')}`,
        `--window-size=${size},${size}`,
        `--screenshot=${join(icons, target)}`,
        `file://${page}`,
      ],
      { stdio: 'ignore' },
    )
    console.log(`${target} ${size}×${size}`)
  }
} finally {
  rmSync(work, { recursive: true, force: true })
}
