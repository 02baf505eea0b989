//! Other doors: clusters, functions, images, shares, APIs, roles.

#[cfg(test)]
mod tests;
mod trust;

use super::checks;

checks! {
    anonymous_api: ANONYMOUS_API,
    anonymous_function: ANONYMOUS_FUNCTION,
    open_file_share: OPEN_FILE_SHARE,
    open_log_project: OPEN_LOG_PROJECT,
    public_cluster_api: PUBLIC_CLUSTER_API,
    public_image: PUBLIC_IMAGE,
    public_image_repository: PUBLIC_IMAGE_REPOSITORY,
    role_trusts_anyone: ROLE_TRUSTS_ANYONE,
    role_trusts_external_account: ROLE_TRUSTS_EXTERNAL_ACCOUNT,
    shared_image: SHARED_IMAGE,
}
