// Rows in half precision, times 2^14 (rows.rs), two per word, the first in the low bits. Read as the bits of a float32,
// a half's exponent is too small by 112; none is subnormal or infinite. Plain arithmetic, so that adapters need no
// feature.
alias Word = vec2<u32>;

fn values(word: Word) -> vec4<f32> {
    let halves = vec4(word.x << 16u, word.x, word.y << 16u, word.y);
    return 0x1p98 * bitcast<vec4<f32>>((halves & vec4(0x80000000u)) | ((halves & vec4(0x7fff0000u)) >> vec4(3u)));
}
