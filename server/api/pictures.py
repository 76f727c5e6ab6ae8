"""Pictures that browsers keep."""

#: Pictures are kept by the browser for good; those of customers the person has lost, or of a company the device belongs
#: to no more, must not stay. This empties its HTTP cache and nothing else: what the app has stored, the service worker's
#: caches included, is "storage", and the app's own affair.
FORGET_PICTURES = {"Clear-Site-Data": '"cache"'}
