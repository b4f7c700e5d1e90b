/** What every new account gets from the page, however it was made. */

import { call } from "./api.js";
import { ApiError } from "./http.js";

const STRETCHING_S = 2 * 3600; // the service's own is version 1's five hours

/** A failure is none of the new user's: they can set it themselves. */
export const setDefaults = () =>
  call("PUT", "accounts/alarms/", { stretching_time: STRETCHING_S }).catch(() => undefined);

/**
 * With the browser's time zone, unless the service does not know it.
 * @template Result
 * @param {(zone: {time_zone?: string}) => Promise<Result>} create
 * @returns {Promise<Result>}
 */
export async function inTimeZone(create) {
  const { timeZone } = Intl.DateTimeFormat().resolvedOptions();
  try {
    return await create({ time_zone: timeZone ?? "" });
  } catch (error) {
    if (!(error instanceof ApiError) || !error.fields.time_zone) throw error;
    return create({});
  }
}
