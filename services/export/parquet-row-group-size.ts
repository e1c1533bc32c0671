/** Rows of a group, which are in memory at once. */
export const GROUP_ROWS = 65_536;
/** Characters of documents after which a group ends: they are compressed as they come, and their memory is given back. */
export const GROUP_DOCUMENTS = 2 ** 22;
