/** Longer texts are cut: what learns in a browser reads no more at once, and every row takes the room of the longest. */
export const mostTokens = 512

/** Stands in `texts` after the end of one; no token has it. */
export const noToken = -1
