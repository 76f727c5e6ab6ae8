/** Icons only the screens of visits show; the others come from `@/ui/icons`. */
export {
  symRoundedAddPhotoAlternate as iconPhotoKinds,
  symRoundedQrCode2 as iconCode,
} from '@quasar/extras/material-symbols-rounded'
