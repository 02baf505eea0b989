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

products![
    actiontrail,
    alb,
    clickhouse,
    cloudapi,
    cr,
    cs,
    dds,
    ecs,
    elasticsearch,
    eventbridge,
    fc,
    ims,
    kms,
    nas,
    nlb,
    oos,
    oss,
    polardb,
    ram,
    rds,
    rkvstore,
    ros,
    slb,
    sls,
    sts,
    vpc,
];
