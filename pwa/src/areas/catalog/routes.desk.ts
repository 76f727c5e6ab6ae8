import type { DeskArea } from '@/app/areas'
import { iconPrice, iconProducts } from '@/ui/icons'
import { deskEntry, deskRoutes } from '@/ui/record/paths'

const desk: DeskArea = {
  name: 'catalog',
  routes: [
    deskRoutes('product', {
      list: () => import('./desk/ProductList.vue'),
      panel: () => import('./desk/ProductPanel.vue'),
    }),
    deskRoutes('product_price'),
    deskRoutes('product_category'),
  ],
  rail: [deskEntry('product', iconProducts), deskEntry('product_price', iconPrice)],
}
export default desk
