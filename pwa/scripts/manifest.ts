import type { ManifestOptions } from 'vite-plugin-pwa'

/** The web app manifest. Colours are those of `src/css/tokens.scss` (light). */
export const manifest: Partial<ManifestOptions> = {
  id: '/',
  name: '巡客',
  short_name: '巡客',
  description: '拜访、客户、订单：没有网络也能工作',
  lang: 'zh-CN',
  start_url: '/',
  scope: '/',
  display: 'standalone',
  orientation: 'any',
  background_color: '#f6f5f2',
  theme_color: '#f6f5f2',
  categories: ['business', 'productivity'],
  icons: [
    { src: '/icons/icon-192.png', sizes: '192x192', type: 'image/png', purpose: 'any' },
    { src: '/icons/icon-512.png', sizes: '512x512', type: 'image/png', purpose: 'any' },
    { src: '/icons/maskable-512.png', sizes: '512x512', type: 'image/png', purpose: 'maskable' },
    { src: '/icons/icon.svg', sizes: 'any', type: 'image/svg+xml', purpose: 'any' },
  ],
  shortcuts: [
    { name: '新拜访', url: '/visits/new', icons: [{ src: '/icons/icon-192.png', sizes: '192x192' }] },
    { name: '客户', url: '/customers', icons: [{ src: '/icons/icon-192.png', sizes: '192x192' }] },
  ],
}
