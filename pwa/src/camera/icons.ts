/** Icons only the camera shows; the others come from `@/ui/icons`. */
export {
  symRoundedCameraswitch as iconSwitchLens,
  symRoundedDelete as iconDelete,
  symRoundedEditNote as iconNote,
  symRoundedFlashAuto as iconFlashAuto,
  symRoundedFlashOff as iconFlashOff,
  symRoundedFlashOn as iconFlashOn,
  symRoundedFlashlightOn as iconTorch,
  symRoundedLocationDisabled as iconNoPosition,
  symRoundedLocationSearching as iconSearchingPosition,
  symRoundedMyLocation as iconPosition,
  symRoundedNoPhotography as iconNoCamera,
  symRoundedPhotoLibrary as iconGallery,
  symRoundedReplay as iconRetake,
} from '@quasar/extras/material-symbols-rounded'
