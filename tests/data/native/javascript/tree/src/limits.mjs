export const LIMIT = 0;
