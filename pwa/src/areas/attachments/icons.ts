/** Icons only the screens of documents show; the others come from `@/ui/icons`. */
export {
  symRoundedAttachFile as iconAttach,
  symRoundedDescription as iconWord,
  symRoundedFolderZip as iconArchive,
  symRoundedImage as iconPicture,
  symRoundedSlideshow as iconSlides,
  symRoundedTable as iconSheet,
} from '@quasar/extras/material-symbols-rounded'
