// Every word of the page, the same keys in each language.
const words = {
  en: {
    words: 'words',
    then: 'As it stood at', calmThen: 'Nothing was failing then.',
    title: 'What is failing in India', failing: 'Failing now', calm: 'Nothing is failing now', all: 'All services',
    search: 'Search services', confirmed: 'Problem', suspected: 'Suspected', easing: 'Easing', quiet: 'Quiet', resolved: 'Ended',
    retracted: 'Retracted', since: 'since', posts: 'posts', complaints24: 'complaints in 24 hours', live: 'live',
    reconnecting: 'reconnecting', stale: 'data ends', board: 'Board', read: 'Say what was read', symptoms: 'Symptoms',
    languages: 'Languages', places: 'Places', sources: 'Sources', why: 'Why', score: 'score', threshold: 'threshold',
    expected: 'expected a minute', usual: 'usual a minute', incidents: 'Incidents', none: 'none', timeline: 'Timeline',
    evidence: 'Posts, personal details hidden', observed: 'complaints', band: 'expected band', table: 'As a table', time: 'time (IST)',
    hours: 'hours', paste: 'Paste a post', readIt: 'Read it', entry: 'lexicon entry',
    unreachable: 'The server cannot be reached', versions: 'Versions', kind: 'kind',
    counts: 'Counts are posts, not affected users.', scale: 'All small graphs have one scale.', sensitive: 'sensitive', gap: 'no data',
  },
  hi: {
    words: 'शब्द',
    then: 'तब की स्थिति:', calmThen: 'तब कुछ ठप नहीं था।',
    title: 'भारत में क्या ठप है', failing: 'अभी ठप', calm: 'अभी कुछ ठप नहीं', all: 'सभी सेवाएँ', search: 'सेवा खोजें',
    confirmed: 'समस्या', suspected: 'आशंका', easing: 'सुधार पर', quiet: 'सामान्य', resolved: 'समाप्त', retracted: 'वापस लिया',
    since: 'से', posts: 'पोस्ट', complaints24: '24 घंटे में शिकायतें', live: 'लाइव', reconnecting: 'फिर जुड़ रहा है',
    stale: 'डेटा यहाँ तक', board: 'बोर्ड', read: 'क्या पढ़ा गया', symptoms: 'लक्षण', languages: 'भाषाएँ', places: 'जगहें',
    sources: 'स्रोत', why: 'क्यों', score: 'स्कोर', threshold: 'सीमा', expected: 'प्रति मिनट अपेक्षित', usual: 'प्रति मिनट आम',
    incidents: 'घटनाएँ', none: 'कोई नहीं', timeline: 'क्रम', evidence: 'पोस्ट, निजी जानकारी छिपी', observed: 'शिकायतें',
    band: 'अपेक्षित दायरा', table: 'तालिका', time: 'समय (IST)', hours: 'घंटे', paste: 'पोस्ट यहाँ डालें', readIt: 'पढ़ें',
    entry: 'शब्दकोश प्रविष्टि', unreachable: 'सर्वर तक पहुँच नहीं', versions: 'संस्करण',
    kind: 'प्रकार', counts: 'गिनती पोस्ट की है, प्रभावित लोगों की नहीं।',
    scale: 'सभी छोटे ग्राफ़ एक पैमाने पर हैं।', sensitive: 'संवेदनशील', gap: 'डेटा नहीं',
  },
  bn: {
    words: 'শব্দ',
    then: 'তখনকার অবস্থা:', calmThen: 'তখন কিছু অচল ছিল না।',
    title: 'ভারতে কী অচল', failing: 'এখন অচল', calm: 'এখন কিছু অচল নয়', all: 'সব পরিষেবা', search: 'পরিষেবা খুঁজুন',
    confirmed: 'সমস্যা', suspected: 'সন্দেহ', easing: 'কমছে', quiet: 'স্বাভাবিক', resolved: 'শেষ', retracted: 'প্রত্যাহৃত',
    since: 'থেকে', posts: 'পোস্ট', complaints24: '২৪ ঘণ্টায় অভিযোগ', live: 'লাইভ', reconnecting: 'আবার যুক্ত হচ্ছে',
    stale: 'তথ্য এই পর্যন্ত', board: 'বোর্ড', read: 'কী পড়া হল', symptoms: 'লক্ষণ', languages: 'ভাষা', places: 'জায়গা',
    sources: 'উৎস', why: 'কেন', score: 'স্কোর', threshold: 'সীমা', expected: 'মিনিটে প্রত্যাশিত', usual: 'মিনিটে সাধারণ',
    incidents: 'ঘটনা', none: 'নেই', timeline: 'ক্রম', evidence: 'পোস্ট, ব্যক্তিগত তথ্য ঢাকা', observed: 'অভিযোগ',
    band: 'প্রত্যাশিত সীমা', table: 'সারণি', time: 'সময় (IST)', hours: 'ঘণ্টা', paste: 'একটি পোস্ট দিন', readIt: 'পড়ুন',
    entry: 'অভিধানের ভুক্তি', unreachable: 'সার্ভার পাওয়া যাচ্ছে না', versions: 'সংস্করণ',
    kind: 'ধরন', counts: 'গণনা পোস্টের, আক্রান্ত মানুষের নয়।',
    scale: 'সব ছোট লেখচিত্র এক মাপে।', sensitive: 'সংবেদনশীল', gap: 'তথ্য নেই',
  },
};

export const languages = [['en', 'English'], ['hi', 'हिन्दी'], ['bn', 'বাংলা']];

let chosen = localStorage.getItem('language') || (navigator.language || 'en').slice(0, 2);
if (!words[chosen]) chosen = 'en';
export const language = () => chosen;
export function choose(code) {
  chosen = code;
  localStorage.setItem('language', code);
  document.documentElement.lang = code;
}
export const w = (key) => words[chosen][key] ?? words.en[key] ?? key;

const numbers = new Intl.NumberFormat('en-IN');
export const number = (n) => (n === null || n === undefined ? w('gap') : numbers.format(Math.round(n * 10) / 10));
const times = new Intl.DateTimeFormat('en-GB', { timeZone: 'Asia/Kolkata', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
const days = new Intl.DateTimeFormat('en-GB', { timeZone: 'Asia/Kolkata', day: 'numeric', month: 'short', year: 'numeric' });
export const clock = (at) => (at ? times.format(new Date(at)) : '');
export const day = (at) => (at ? `${days.format(new Date(at))} ${clock(at)} IST` : '');
