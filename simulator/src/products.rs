//! The products, one file each. To add one: write its file with a `PRODUCT`, and add its name here.

use crate::product::Product;

macro_rules! products {
    ($($name:ident),* $(,)?) => {
        $(pub(crate) mod $name;)*
        /// Every product, in the order in which hosts are tried.
        pub(crate) static PRODUCTS: &[&Product] = &[$(&$name::PRODUCT),*];
    };
}

products![
    actiontrail,
    clickhouse,
    cloudapi,
    cr,
    cs,
    dds,
    elasticsearch,
    eventbridge,
    fc,
    ims,
    kms,
    nas,
    oos,
    oss,
    polardb,
    ram,
    rds,
    rkvstore,
    ros,
    sls,
    sts,
];
