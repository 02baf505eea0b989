//! The products, one file each. To add one: write its file with a `PRODUCT`, and add its name here.

use crate::product::Product;

macro_rules! products {
    ($($name:ident),* $(,)?) => {
        $(pub(crate) mod $name;)*
        /// Every product, in the order in which hosts are tried.
        pub(crate) static PRODUCTS: &[&Product] = &[$(&$name::PRODUCT),*];
    };
}

mod modern;

products![actiontrail, alb, ecs, eventbridge, ims, kms, nlb, oss, ram, slb, sts, vpc];
