//! The columns of a flow by name.

/// A column the program knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Column {
    Id,
    Product,
    Origin,
    Importer,
    Date,
    Value,
    Quantity,
    Unit,
    Quantity2,
    Unit2,
    Freight,
    Insurance,
    Entries,
    Party,
    Claims,
    Description,
}

impl Column {
    /// Every column with its name.
    pub const NAMES: [(&'static str, Column); 16] = [
        ("id", Column::Id),
        ("product", Column::Product),
        ("origin", Column::Origin),
        ("importer", Column::Importer),
        ("date", Column::Date),
        ("value", Column::Value),
        ("quantity", Column::Quantity),
        ("unit", Column::Unit),
        ("quantity_2", Column::Quantity2),
        ("unit_2", Column::Unit2),
        ("freight", Column::Freight),
        ("insurance", Column::Insurance),
        ("entries", Column::Entries),
        ("party", Column::Party),
        ("claims", Column::Claims),
        ("description", Column::Description),
    ];

    /// Columns without which there is no flow.
    pub const REQUIRED: [Column; 3] = [Column::Product, Column::Origin, Column::Value];

    /// The column of a quantity's unit.
    pub fn unit(self) -> Option<Column> {
        match self {
            Column::Quantity => Some(Column::Unit),
            Column::Quantity2 => Some(Column::Unit2),
            _ => None,
        }
    }

    /// The name.
    pub fn name(self) -> &'static str {
        Column::NAMES.iter().find(|(_, column)| *column == self).map_or("", |(name, _)| name)
    }
}
