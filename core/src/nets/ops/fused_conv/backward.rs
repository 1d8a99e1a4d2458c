//! The backward pass of a fused convolution.

use candle_core::{Result, Tensor, bail};
use pulp::{Arch, Simd, WithSimd};
use rayon::prelude::*;

use super::super::conv::Back;
use super::super::tensors::{PARTS, read};
use super::{Epilogue, FusedConv};

/// The backward pass of one image.
struct BackwardPass<'a, E: Epilogue> {
    layer: &'a FusedConv<E>,
    kernels: &'a Back,
    parameters: &'a [f32],
    image: &'a [f32],
    saved: &'a E::Saved,
    gradient: &'a [f32],
    padded: &'a mut [f32],
    maps: &'a mut [f32],
    of_kernels: &'a mut [f32],
    of_parameters: &'a mut [f32],
    of_image: Option<&'a mut [f32]>,
}

impl<E: Epilogue> WithSimd for BackwardPass<'_, E> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let FusedConv { conv, epilogue, .. } = self.layer;
        let inner = conv.size.inner_gradient(conv.packing().wide());
        let to = (inner, &mut *self.maps);
        epilogue.backward(conv, self.parameters, self.saved, self.gradient, to, self.of_parameters);
        conv.pad(self.image, self.padded);
        conv.of_kernels(simd, self.padded, self.maps, self.of_kernels);
        if let Some(of_image) = self.of_image {
            conv.of_inputs(simd, self.image, self.maps, self.kernels, of_image);
        }
    }
}

impl<E: Epilogue> FusedConv<E> {
    /// Computes the gradients of the inputs, if `wanted`, and of the parameters.
    fn backward(
        &self,
        inputs: &[f32],
        parameters: &[f32],
        gradient: &[f32],
        wanted: bool,
    ) -> Result<(Option<Vec<f32>>, Vec<f32>)> {
        let Some(saved) = self.saved.get() else { bail!("the backward pass needs a forward pass first") };
        let (conv, size) = (&self.conv, &self.conv.size);
        let kernels = conv.kernels(parameters, self.row());
        let (back, packing, epilogue_parameters) =
            (conv.back(&kernels), conv.packing(), self.epilogue_parameters(parameters));
        let each = gradient.len() / size.images;
        let part = size.images.div_ceil(PARTS);
        let mut of_inputs = wanted.then(|| vec![0.0; inputs.len()]);
        let places: Vec<Option<&mut [f32]>> = match &mut of_inputs {
            Some(values) => values.chunks_mut(part * size.image()).map(Some).collect(),
            None => (0..size.images.div_ceil(part)).map(|_| None).collect(),
        };
        let scratch = || (vec![0.0; size.padded_image()], vec![0.0; size.padded_gradient(packing.wide())]);
        let of_part = |(padded, maps): &mut (Vec<f32>, Vec<f32>), (at, mut place): (usize, Option<&mut [f32]>)| {
            let (mut of_kernels, mut of_parameters) = (vec![0.0; packing.len()], vec![0.0; epilogue_parameters.len()]);
            for (within, at) in (at * part..((at + 1) * part).min(size.images)).enumerate() {
                Arch::new().dispatch(BackwardPass {
                    layer: self,
                    kernels: &back,
                    parameters: &epilogue_parameters,
                    image: &inputs[at * size.image()..][..size.image()],
                    saved: &saved[at],
                    gradient: &gradient[at * each..][..each],
                    padded,
                    maps,
                    of_kernels: &mut of_kernels,
                    of_parameters: &mut of_parameters,
                    of_image: place.as_mut().map(|values| &mut values[within * size.image()..][..size.image()]),
                });
            }
            (of_kernels, of_parameters)
        };
        let sums: Vec<_> = places.into_par_iter().enumerate().map_init(scratch, of_part).collect();
        let (mut of_kernels, mut of_endings) = (vec![0.0; packing.len()], vec![0.0; epilogue_parameters.len()]);
        for (kernels, epilogue_parameters) in &sums {
            of_kernels.iter_mut().zip(kernels).for_each(|(sum, value)| *sum += value);
            of_endings.iter_mut().zip(epilogue_parameters).for_each(|(sum, value)| *sum += value);
        }
        let mut of_parameters = vec![0.0; parameters.len()];
        for (map, row) in of_parameters.chunks_exact_mut(self.row()).enumerate() {
            let (kernel, rest) = row.split_at_mut(size.patch());
            packing.unpacked(&of_kernels, map).enumerate().for_each(|(at, value)| kernel[conv.place(at)] = value);
            conv.unstandardized(&kernels, map, kernel);
            rest.iter_mut().zip(of_endings.iter().skip(map).step_by(size.outputs)).for_each(|(to, value)| *to = *value);
        }
        Ok((of_inputs, of_parameters))
    }

    pub(super) fn gradients(
        &self,
        inputs: &Tensor,
        parameters: &Tensor,
        gradient: &Tensor,
    ) -> Result<[Option<Tensor>; 2]> {
        let wanted = inputs.track_op();
        let found = read(inputs, |of| read(parameters, |by| read(gradient, |to| self.backward(of, by, to, wanted))));
        let (of_inputs, of_parameters) = found?;
        let of_inputs =
            of_inputs.map(|values| Tensor::from_vec(values, inputs.shape(), inputs.device())).transpose()?;
        Ok([of_inputs, Some(Tensor::from_vec(of_parameters, parameters.shape(), inputs.device())?)])
    }
}
