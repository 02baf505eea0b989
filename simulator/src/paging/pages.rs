//! Paging by number, as most RPC products do it: each page tells how many items there are in all.

use super::size;
use crate::error::ApiError;
use crate::request::Request;

/// Which page sizes a product takes.
#[derive(Clone, Copy)]
pub(crate) enum PageSizes {
    UpTo(usize),
    /// These and no others: 30, 50 and 100 for some databases.
    OneOf(&'static [usize]),
}

/// One page, with what is told beside it.
#[derive(Debug)]
pub(crate) struct Page<T> {
    pub(crate) items: Vec<T>,
    /// Counted from 1.
    pub(crate) number: usize,
    pub(crate) size: usize,
    /// How many items all pages have.
    pub(crate) total: usize,
}

/// The page that a call asks for. `names` are those of the parameters: number, then size.
pub(crate) fn by_page<T>(
    items: impl Iterator<Item = T>,
    request: &Request,
    names: (&str, &str),
    default: usize,
    sizes: PageSizes,
) -> Result<Page<T>, ApiError> {
    let (number_name, size_name) = names;
    let number = size(number_name, request.param(number_name), 1, 1..=usize::MAX)?;
    let most = match sizes {
        PageSizes::UpTo(most) => most,
        PageSizes::OneOf(some) => some.iter().copied().max().unwrap_or(default),
    };
    let size = size(size_name, request.param(size_name), default, 1..=most)?;
    if let PageSizes::OneOf(some) = sizes
        && !some.contains(&size)
    {
        return Err(ApiError::invalid(size_name, format!("{size} is none of {some:?}")));
    }
    let mut items: Vec<T> = items.collect();
    let total = items.len();
    let items = items.drain((number - 1).saturating_mul(size).min(total)..).take(size).collect();
    Ok(Page { items, number, size, total })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(number: &str, size: &str, sizes: PageSizes) -> Result<Page<u32>, String> {
        let params = [("PageNumber", number), ("PageSize", size)];
        let params = params.map(|(name, value)| (name.into(), value.into())).into();
        let request = Request { params, ..Request::default() };
        by_page(0..95, &request, ("PageNumber", "PageSize"), 30, sizes).map_err(|error| error.code)
    }

    #[test]
    fn pages_by_number_give_every_item_once() {
        for size in ["30", "50", "100"] {
            let pages = (1..=5)
                .map(|number| page(&number.to_string(), size, PageSizes::OneOf(&[30, 50, 100])).unwrap());
            let seen: Vec<u32> =
                pages.inspect(|page| assert_eq!(page.total, 95)).flat_map(|page| page.items).collect();
            assert_eq!(seen, (0..95).collect::<Vec<_>>(), "size {size}");
        }
        let first = page("", "", PageSizes::UpTo(100)).unwrap();
        assert_eq!((first.number, first.size, first.items.len()), (1, 30, 30));
    }

    #[test]
    fn sizes_that_are_not_offered_are_errors() {
        let refused = |size| page("1", size, PageSizes::OneOf(&[30, 50, 100])).unwrap_err();
        assert_eq!(
            [refused("31"), refused("101")],
            ["InvalidParameter.PageSize", "InvalidParameter.PageSize"]
        );
        assert_eq!(page("1", "51", PageSizes::UpTo(50)).unwrap_err(), "InvalidParameter.PageSize");
        assert_eq!(page("0", "30", PageSizes::UpTo(50)).unwrap_err(), "InvalidParameter.PageNumber");
    }
}
