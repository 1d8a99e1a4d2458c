//! A linear layer. Its results are those of candle's operations, to the bit, but candle's backward pass sums the
//! gradient of the bias value by value with a division each, and multiplies for inputs that need no gradient.

use candle_core::backend::BackendStorage;
use candle_core::{CpuStorage, CustomOp3, Layout, Result, Shape, Tensor, bail};

use super::tensors::{read, values};

/// The operation: inputs [n, values], weight [outputs, values], bias `[outputs]`.
pub(super) struct Linear;

impl CustomOp3 for Linear {
    fn name(&self) -> &'static str {
        "linear"
    }

    fn cpu_fwd(
        &self,
        inputs: &CpuStorage,
        of_inputs: &Layout,
        weight: &CpuStorage,
        of_weight: &Layout,
        bias: &CpuStorage,
        of_bias: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        let ((rows, length), (outputs, each)) = (of_inputs.shape().dims2()?, of_weight.shape().dims2()?);
        let bias = values(bias, of_bias)?;
        if each != length || bias.len() != outputs {
            bail!("{rows} x {length} inputs, {outputs} x {each} weights and {} biases do not fit", bias.len());
        }
        let by = of_weight.transpose(0, 1)?;
        let mut product = inputs.matmul(weight, (1, rows, outputs, length), of_inputs, &by)?;
        let CpuStorage::F32(sums) = &mut product else { bail!("the tensor is not float32") };
        for row in sums.chunks_exact_mut(outputs) {
            row.iter_mut().zip(bias).for_each(|(sum, bias)| *sum += bias);
        }
        Ok((product, (rows, outputs).into()))
    }

    fn bwd(
        &self,
        inputs: &Tensor,
        weight: &Tensor,
        _: &Tensor,
        _: &Tensor,
        gradient: &Tensor,
    ) -> Result<(Option<Tensor>, Option<Tensor>, Option<Tensor>)> {
        let gradient = gradient.contiguous()?;
        let of_inputs = if inputs.track_op() { Some(gradient.matmul(&weight.detach())?) } else { None };
        let of_weight = inputs.detach().t()?.matmul(&gradient)?.t()?;
        let outputs = gradient.dim(1)?;
        let of_bias = read(&gradient, |rows| {
            let mut sums = vec![0.0; outputs];
            for row in rows.chunks_exact(outputs) {
                sums.iter_mut().zip(row).for_each(|(sum, value)| *sum += value);
            }
            Ok(sums)
        })?;
        Ok((of_inputs, Some(of_weight), Some(Tensor::from_vec(of_bias, outputs, gradient.device())?)))
    }
}
