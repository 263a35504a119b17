"""Who a reporter is (R17): joined, parted, erased, opened on record. Knows nothing of evidence."""
