// Assertions of the debug build (asconfig.json sets CHECK_BOUNDS): every intermediate of the field
// arithmetic stays within the bound that the generator computed for it. In the release build the
// constant is 0 and the calls are not compiled.

/** Each 32-bit lane of v lies in low .. high. */
export function lanesWithin(v: v128, low: i32, high: i32): void {
  assert(
    !v128.any_true(v128.or(i32x4.lt_s(v, i32x4.splat(low)), i32x4.gt_s(v, i32x4.splat(high)))),
    'a lane is out of its bound',
  );
}

/** The even limb (low half) and the odd limb (high half) of each lane lie in their ranges. */
export function limbsWithin(v: v128, evenLow: i32, evenHigh: i32, oddLow: i32, oddHigh: i32): void {
  lanesWithin(i32x4.shr_s(i32x4.shl(v, 16), 16), evenLow, evenHigh);
  lanesWithin(i32x4.shr_s(v, 16), oddLow, oddHigh);
}
