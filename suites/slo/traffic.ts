/** What the runbook counts as normal traffic, requests a minute; ten times of it is what the API must bear. */
export const normalPerMinute = 350;
