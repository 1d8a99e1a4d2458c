// Rows in float32.
alias Word = vec4<f32>;

fn values(word: Word) -> vec4<f32> {
    return word;
}
