// Base64 (RFC 4648, section 4), twelve bytes at a time.

/**
 * By where a value of six bits lies, what is added to it to make its character: 0 for a to z, 1 to 10 for a digit, 11
 * for +, 12 for /, and 13 for A to Z.
 */
function characterOffsets(): v128 {
  return i8x16(71, -4, -4, -4, -4, -4, -4, -4, -4, -4, -4, -19, -16, 65, 0, 0);
}

/** Twelve bytes at `from`, of which sixteen are read, as sixteen characters. */
export function storeBase64(to: usize, from: usize): void {
  // Three bytes to a word, the first of them its highest.
  const bytes = v128.swizzle(
    v128.load(from),
    i8x16(2, 1, 0, -1, 5, 4, 3, -1, 8, 7, 6, -1, 11, 10, 9, -1),
  );
  const values = v128.or(
    v128.or(i32x4.shr_u(bytes, 18), v128.and(i32x4.shr_u(bytes, 4), i32x4.splat(0x3f00))),
    v128.or(
      v128.and(i32x4.shl(bytes, 10), i32x4.splat(0x3f0000)),
      v128.and(i32x4.shl(bytes, 24), i32x4.splat(0x3f000000)),
    ),
  );
  const place = v128.or(
    i8x16.sub_sat_u(values, i8x16.splat(51)),
    v128.and(i8x16.lt_u(values, i8x16.splat(26)), i8x16.splat(13)),
  );
  v128.store(to, i8x16.add(values, v128.swizzle(characterOffsets(), place)));
}
